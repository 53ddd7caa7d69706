import type { Manifest, Problem } from '@argosy/model';
import { parseManifests } from '@argosy/model';
import type { Registry } from '../resources/registry.ts';
import { checkManifest } from './checks.ts';
import type { ManifestText } from './manifest.ts';

/** Everything wrong or doubtful in a text of manifests of any kind. Never throws for bad input. */
export function lintManifests(
  registry: Registry,
  request: { readonly source: ManifestText; readonly namespace: string },
): { readonly problems: readonly Problem[]; readonly manifests: readonly Manifest[] } {
  const { text, file, strict, defaultKind } = request.source;
  const parsed = parseManifests(text, {
    ...(file === undefined || file === '' ? {} : { file }),
    ...(strict === undefined ? {} : { strict }),
    ...(defaultKind === undefined ? {} : { defaultKind }),
  });
  const placed = parsed.manifests.map((one) => {
    const metadata = { ...one.manifest.metadata };
    const namespace = metadata.namespace ?? request.namespace;
    const isCluster = one.manifest.kind === 'ClusterWorkflowTemplate';
    return {
      ...one,
      manifest: {
        ...one.manifest,
        metadata: isCluster ? metadata : { ...metadata, namespace },
      } as Manifest,
    };
  });
  const beside = placed.map((one) => one.manifest);
  const found = placed.flatMap((one) =>
    checkManifest(one, {
      lookup: registry.lookup,
      config: registry.config(),
      beside,
      lint: true,
    }),
  );
  return { problems: [...parsed.problems, ...found], manifests: beside };
}
