import type { Workflow } from '@argosy/model';
import type { RunHeader } from '../input.ts';

/** A header for a manifest that refers to nothing outside of itself. */
export function headerOf(manifest: Workflow, changes: Partial<RunHeader> = {}): RunHeader {
  const { metadata } = manifest;
  return {
    uid: metadata.uid ?? '00000000-0000-4000-8000-000000000001',
    name: metadata.name ?? `${metadata.generateName ?? 'workflow-'}x`,
    namespace: metadata.namespace ?? 'default',
    createdAtMs: 1_700_000_000_000,
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    manifest,
    spec: manifest.spec,
    storedTemplates: {},
    ...changes,
  };
}
