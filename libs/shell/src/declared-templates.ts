import { BUCKETS, CLUSTER_NAMESPACE, resourceKey } from '@argosy/api';
import type { Bus, KeyValueBucket } from '@argosy/bus';
import {
  createTemplateLookup,
  DEFAULT_NAMESPACE,
  referencedTemplates,
  type ClusterWorkflowTemplate,
  type Manifest,
  type TemplateLookup,
  type TemplateReference,
  type Workflow,
  type WorkflowTemplate,
} from '@argosy/model';

/**
 * Fetches from the KV `resources` everything that a manifest refers to, directly or through other templates.
 * Read at the time of the call, so that a template applied just before is seen.
 */
export async function fetchReferencedTemplates(
  bus: Bus,
  manifest: Workflow | WorkflowTemplate | ClusterWorkflowTemplate,
): Promise<Required<TemplateLookup>> {
  const bucket = await bus.keyValue(BUCKETS.resources);
  const namespace = manifest.metadata.namespace ?? DEFAULT_NAMESPACE;
  const fetched = new Map<string, Manifest>();
  const asked = new Set<string>();
  for (;;) {
    const lookup = createTemplateLookup(fetched.values(), namespace);
    const keys = await keysOf(bucket, referencedTemplates(manifest, lookup));
    const missing = keys.filter((key) => !asked.has(key));
    if (missing.length === 0) return lookup;
    await Promise.all(
      missing.map(async (key) => {
        asked.add(key);
        const found = await readManifest(bucket, key);
        if (found !== undefined) fetched.set(key, found);
      }),
    );
  }
}

/** A name that holds a variable stands for every manifest of its kind (and namespace). */
async function keysOf(
  bucket: KeyValueBucket,
  references: readonly TemplateReference[],
): Promise<readonly string[]> {
  const keys = references.map(async (reference) => {
    const namespace = reference.namespace ?? CLUSTER_NAMESPACE;
    if (!reference.isVariable) return [resourceKey(reference.kind, namespace, reference.name)];
    const sample = resourceKey(reference.kind, namespace, 'x');
    return bucket.keys(`${sample.slice(0, sample.lastIndexOf('.'))}.*`);
  });
  return [...new Set((await Promise.all(keys)).flat())];
}

async function readManifest(bucket: KeyValueBucket, key: string): Promise<Manifest | undefined> {
  const entry = await bucket.get(key);
  if (entry?.value === undefined) return undefined;
  return JSON.parse(new TextDecoder().decode(entry.value)) as Manifest;
}
