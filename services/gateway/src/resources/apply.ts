import { ArgosyError } from '@argosy/base';
import type { ParsedManifest, Problem } from '@argosy/model';
import { omit } from '../objects.ts';
import { checkManifest } from '../submission/checks.ts';
import { readManifests, refuseProblems, type ManifestText } from '../submission/manifest.ts';
import type { DeclaredManifest } from './kinds.ts';
import {
  declaredKind,
  type ApplyOutcome,
  type Registry,
  type ResourceName,
  type StoredResource,
  type WriteMode,
} from './registry.ts';

export interface ApplyRequest {
  readonly source: ManifestText;
  /** For manifests that name none. */
  readonly namespace: string;
  readonly mode: WriteMode;
  readonly dryRun?: boolean;
  /** The request names one object: the text must hold that one. Empty parts are not looked at. */
  readonly expect?: ResourceName;
}

export interface Applied {
  readonly outcome: ApplyOutcome;
  readonly resource: StoredResource;
}

/**
 * Checks all manifests of a text, together, and only then writes them in their order.
 * @throws ArgosyError INVALID_ARGUMENT when one of them is wrong; then none is written.
 */
export async function applyManifests(
  registry: Registry,
  request: ApplyRequest,
): Promise<{ readonly applied: readonly Applied[]; readonly warnings: readonly Problem[] }> {
  const { manifests, warnings } = readManifests(request.source);
  const placed = manifests.map((parsed) => placedIn(parsed, request.namespace));
  if (request.expect !== undefined) checkExpected(placed, request.expect);
  const problems = placed.flatMap((parsed) =>
    checkManifest(parsed, { lookup: registry.lookup, beside: placed.map((one) => one.manifest) }),
  );
  refuseProblems(problems);
  const applied: Applied[] = [];
  for (const { manifest } of placed) {
    const options = { mode: request.mode, dryRun: request.dryRun ?? false };
    applied.push(await registry.write(manifest, options));
  }
  return { applied, warnings: [...warnings, ...problems] };
}

function placedIn(parsed: ParsedManifest, namespace: string): ParsedManifest<DeclaredManifest> {
  const manifest = parsed.manifest as DeclaredManifest;
  const kind = declaredKind(parsed.manifest.kind);
  if ((manifest.metadata.name ?? '') === '') {
    const message = `A ${kind} needs metadata.name: a declared object is known by it.`;
    throw new ArgosyError('INVALID_ARGUMENT', message);
  }
  if (kind === 'ClusterWorkflowTemplate') {
    const metadata = omit(manifest.metadata, 'namespace');
    return { ...parsed, manifest: { ...manifest, metadata } as DeclaredManifest };
  }
  const metadata = { ...manifest.metadata, namespace: manifest.metadata.namespace ?? namespace };
  return { ...parsed, manifest: { ...manifest, metadata } as DeclaredManifest };
}

function checkExpected(
  placed: readonly ParsedManifest<DeclaredManifest>[],
  expected: ResourceName,
): void {
  const [first] = placed;
  const { kind, metadata } = first?.manifest ?? { kind: '', metadata: {} };
  const refuse = (message: string): never => {
    throw new ArgosyError('INVALID_ARGUMENT', message);
  };
  if (placed.length !== 1)
    refuse(`Exactly one ${expected.kind} is expected, not ${placed.length}.`);
  if (kind !== expected.kind) refuse(`A ${expected.kind} is expected here, not a ${kind}.`);
  if (expected.name !== '' && metadata.name !== expected.name) {
    refuse(`The manifest's name "${metadata.name ?? ''}" is not the path's, "${expected.name}".`);
  }
  const namespace = metadata.namespace ?? expected.namespace;
  if (expected.namespace !== '' && namespace !== expected.namespace) {
    refuse(`The manifest's namespace "${namespace}" is not the path's, "${expected.namespace}".`);
  }
}
