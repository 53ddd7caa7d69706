import type { DeclaredManifest } from './kinds.ts';

const MASK = '***';

/** The manifest with the values of a Secret hidden; its keys are shown. */
export function masked(manifest: DeclaredManifest): DeclaredManifest {
  if (manifest.kind !== 'Secret') return manifest;
  const { data, stringData, ...rest } = manifest;
  return {
    ...rest,
    ...(data === undefined ? {} : { data: hidden(data) }),
    ...(stringData === undefined ? {} : { stringData: hidden(stringData) }),
  };
}

function hidden(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(values).map((key) => [key, MASK]));
}
