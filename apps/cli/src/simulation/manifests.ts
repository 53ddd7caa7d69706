import { ArgosyError } from '@argosy/base';
import {
  DEFAULT_NAMESPACE,
  hasErrors,
  parseManifests,
  type Manifest,
  type ParsedManifest,
  type Problem,
  type Workflow,
  type WorkflowSpec,
} from '@argosy/model';
import type { ManifestText } from '../commands/files.ts';
import { refusal } from './read.ts';

/** What a simulation has to do with: all manifests at hand. */
export interface Manifests {
  readonly parsed: readonly ParsedManifest[];
  readonly warnings: readonly Problem[];
}

/** @throws ArgosyError INVALID_ARGUMENT with one line (file:line:column: message) per error. */
export function readManifests(texts: readonly ManifestText[]): Manifests {
  const parsed: ParsedManifest[] = [];
  const problems: Problem[] = [];
  for (const { file, text } of texts) {
    const result = parseManifests(text, { file, defaultKind: 'Workflow' });
    parsed.push(...result.manifests);
    problems.push(...result.problems);
  }
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (hasErrors(problems)) throw refusal(errors);
  return { parsed, warnings: problems };
}

const RUNNABLE = [
  'Workflow',
  'WorkflowTemplate',
  'ClusterWorkflowTemplate',
  'CronWorkflow',
] as const;
type Runnable = (typeof RUNNABLE)[number];

/** The manifest that is run. */
export interface Subject {
  readonly workflow: Workflow;
  /** As it stands in its text, for the places of problems. */
  readonly parsed: ParsedManifest;
}

/**
 * What is run: what `from` (kind/name) names, else the only Workflow, else the only template or cron workflow. A
 * template is run as if it had been submitted by name.
 * @throws ArgosyError INVALID_ARGUMENT that lists what there is.
 */
export function chooseSubject(
  { parsed }: Manifests,
  options: { readonly from: string | undefined; readonly namespace: string | undefined },
): Subject {
  const runnable = parsed.filter(({ manifest }) => isRunnable(manifest));
  const names = runnable.map(({ manifest }) => nameOf(manifest));
  const { from } = options;
  const candidates =
    from === undefined
      ? firstFilled([runnable.filter(({ manifest }) => manifest.kind === 'Workflow'), runnable])
      : runnable.filter(({ manifest }) => isNamed(manifest, from));
  const [found, ...others] = candidates;
  if (found !== undefined && others.length === 0) return subjectOf(found, options.namespace);
  const there = names.length === 0 ? 'nothing that can be run' : names.join(', ');
  const message =
    from === undefined
      ? `there is ${there} in the files: name what is to be run with "from: kind/name"`
      : `"${from}" is not there, or not once; the files hold ${there}`;
  throw new ArgosyError('INVALID_ARGUMENT', message);
}

function firstFilled<Item>(lists: readonly (readonly Item[])[]): readonly Item[] {
  return lists.find((list) => list.length > 0) ?? [];
}

function isRunnable(manifest: Manifest): boolean {
  return RUNNABLE.some((kind) => kind === manifest.kind);
}

function nameOf({ kind, metadata }: Manifest): string {
  return `${kind.toLowerCase()}/${metadata.name ?? metadata.generateName ?? ''}`;
}

function isNamed(manifest: Manifest, from: string): boolean {
  const slash = from.indexOf('/');
  return nameOf(manifest) === from.slice(0, slash).toLowerCase() + from.slice(slash);
}

function subjectOf(parsed: ParsedManifest, namespace: string | undefined): Subject {
  const { manifest } = parsed;
  const workflow = workflowOf(manifest);
  const { metadata } = workflow;
  const placed = { ...metadata, namespace: namespace ?? metadata.namespace ?? DEFAULT_NAMESPACE };
  return { parsed, workflow: { ...workflow, metadata: placed } };
}

function workflowOf(manifest: Manifest): Workflow {
  if (manifest.kind === 'Workflow') return manifest;
  const name = manifest.metadata.name ?? '';
  const reference = (clusterScope: boolean): WorkflowSpec => ({
    workflowTemplateRef: clusterScope ? { name, clusterScope } : { name },
  });
  const kind = manifest.kind as Runnable;
  const spec =
    manifest.kind === 'CronWorkflow'
      ? manifest.spec.workflowSpec
      : reference(kind === 'ClusterWorkflowTemplate');
  const { namespace } = manifest.metadata;
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { generateName: `${name}-`, ...(namespace === undefined ? {} : { namespace }) },
    spec,
  };
}
