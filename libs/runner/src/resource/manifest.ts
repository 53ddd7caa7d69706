import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArgosyError, fnv1a32 } from '@argosy/base';
import type { Artifact, ResourceTemplate } from '@argosy/model';
import { parseAllDocuments } from 'yaml';
import type { RunnerIo, RunnerTask } from '../types.ts';
import type { ResourceObject } from './resource-client.ts';

/** Tells an object that this very task has made, before a crash, from one that was there already. */
export const TASK_ANNOTATION = 'workflows.argosy.io/created-by-task';

/**
 * The one object of a resource template's manifest, in its namespace and with a name. A generated name follows from
 * the task, so that a repetition means the same object.
 * @throws ArgosyError INVALID_ARGUMENT
 */
export async function manifestOf(
  template: ResourceTemplate,
  task: RunnerTask,
  io: RunnerIo,
): Promise<ResourceObject> {
  const documents = parseAllDocuments(await textOf(template, task, io));
  const [document] = documents;
  if (documents.length !== 1 || document === undefined || !('toJS' in document)) {
    throw invalid('must hold exactly one object');
  }
  const [problem] = document.errors;
  if (problem !== undefined) throw invalid(problem.message);
  return completed(document.toJS() as unknown, task);
}

function invalid(what: string): ArgosyError {
  return new ArgosyError('INVALID_ARGUMENT', `resource.manifest ${what}`);
}

async function textOf(
  { manifest, manifestFrom }: ResourceTemplate,
  task: RunnerTask,
  io: RunnerIo,
): Promise<string> {
  const artifact = manifestFrom?.artifact as Artifact | undefined;
  if (artifact === undefined) return manifest ?? '';
  const given = task.template.inputs?.artifacts?.find(({ name }) => name === artifact.name);
  const { namespace, workflow, uid, podName } = task;
  const scope = { namespace, workflow, uid, podName, signal: io.signal };
  const file = join(io.directory, 'manifest');
  await io.artifacts.load(given ?? artifact, file, scope);
  return readFile(file, 'utf8');
}

function completed(value: unknown, task: RunnerTask): ResourceObject {
  const { kind, metadata } = (value ?? {}) as Partial<ResourceObject>;
  if (typeof kind !== 'string' || kind === '') throw invalid('has no kind');
  const name = metadata?.name ?? generatedName(metadata?.generateName, task);
  if (name === undefined) throw invalid('has neither metadata.name nor metadata.generateName');
  const namespace = metadata?.namespace ?? task.namespace;
  const annotations = { ...metadata?.annotations, [TASK_ANNOTATION]: task.taskId };
  return {
    ...(value as ResourceObject),
    metadata: { ...metadata, name, namespace, annotations },
  };
}

/** Letters and digits of a generated name. */
const SUFFIX_LENGTH = 7;

function generatedName(prefix: string | undefined, task: RunnerTask): string | undefined {
  if (prefix === undefined || prefix === '') return undefined;
  const suffix = fnv1a32(`${task.taskId}/${prefix}`).toString(36).padStart(SUFFIX_LENGTH, '0');
  return `${prefix}${suffix}`;
}
