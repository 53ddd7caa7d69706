import { setTimeout as delay } from 'node:timers/promises';
import { ArgosyError, jsonMergePatch } from '@argosy/base';
import type { ResourceTemplate } from '@argosy/model';
import { cancelOutcome, outcomeOf } from '../outcome.ts';
import { createCancellation } from '../process/cancellation.ts';
import type { Runner, RunnerIo, RunnerTask, TaskOutcome } from '../types.ts';
import { conditionsOf, judge, type Conditions } from './conditions.ts';
import { manifestOf, TASK_ANNOTATION } from './manifest.ts';
import type { ResourceClient, ResourceObject, ResourceReference } from './resource-client.ts';
import { resourceOutputs } from './resource-outputs.ts';

/** An object whose condition is waited for is looked at again after this time, at first and at most. */
const LOOK_AGAIN_MS_MIN = 100;
const LOOK_AGAIN_MS_MAX = 2_000;

/** Runs resource templates: one action on one object, then waiting for what becomes of it. */
export function createResourceRunner(client: ResourceClient): Runner {
  return {
    name: 'resource',
    supports: (template) => template.resource !== undefined,
    run: async (task, io) => {
      const { resource } = task.template;
      if (resource === undefined) return outcomeOf('Error', 'no resource template');
      using cancellation = createCancellation(task, io);
      const { signal } = cancellation;
      try {
        signal.throwIfAborted();
        return await runResource({ client, task, io, signal }, resource);
      } catch (thrown) {
        const cancel = cancellation.request();
        if (cancel !== undefined) return cancelOutcome(cancel.reason);
        return outcomeOf('Error', ArgosyError.fromUnknown(thrown).message);
      }
    },
  };
}

interface Work {
  readonly client: ResourceClient;
  readonly task: RunnerTask;
  readonly io: RunnerIo;
  readonly signal: AbortSignal;
}

async function runResource(work: Work, template: ResourceTemplate): Promise<TaskOutcome> {
  const conditions = conditionsOf(template);
  const wanted = await manifestOf(template, work.task, work.io);
  work.io.running();
  const object = await act(work, template, wanted);
  if (object === undefined) return outcomeOf('Succeeded');
  await work.io.log('stdout', 'main', Buffer.from(`${referenceText(referenceTo(object))}\n`));
  const awaited =
    conditions.success.length + conditions.failure.length === 0
      ? { object }
      : await untilJudged(work, object, conditions);
  const failed = awaited.message !== undefined;
  return {
    ...(failed ? outcomeOf('Failed', awaited.message) : outcomeOf('Succeeded')),
    parameters: failed ? {} : resourceOutputs(work.task.template.outputs, awaited.object),
  };
}

/** Does what the template asks for; undefined when there is no object afterwards. */
async function act(
  work: Work,
  { action, mergeStrategy }: ResourceTemplate,
  wanted: ResourceObject,
): Promise<ResourceObject | undefined> {
  const { client, signal } = work;
  const reference = referenceTo(wanted);
  switch (action) {
    case 'create':
      return createOnce(work, wanted);
    case 'apply':
      return client.apply(wanted, signal);
    case 'get':
      return existing(work, reference);
    case 'replace':
      await existing(work, reference);
      return client.apply(wanted, signal);
    case 'patch':
      if (mergeStrategy === 'json') {
        const message = 'resource.mergeStrategy json is not available here; use merge';
        throw new ArgosyError('UNIMPLEMENTED', message);
      }
      return client.apply(patched(await existing(work, reference), wanted), signal);
    case 'delete':
      await client.delete(reference, signal);
      return undefined;
    default:
      throw new ArgosyError('INVALID_ARGUMENT', `resource.action "${action}" is not known`);
  }
}

/** A patch of an object is an object of the same name. */
function patched(object: ResourceObject, patch: ResourceObject): ResourceObject {
  return jsonMergePatch(object, patch) as ResourceObject;
}

/** Creates an object; one that this task has created already, before a crash, is taken as it is. */
async function createOnce(work: Work, wanted: ResourceObject): Promise<ResourceObject> {
  const { client, signal, task } = work;
  try {
    return await client.create(wanted, signal);
  } catch (thrown) {
    if (ArgosyError.fromUnknown(thrown).code !== 'ALREADY_EXISTS') throw thrown;
    const found = await client.get(referenceTo(wanted), signal);
    if (found?.metadata.annotations?.[TASK_ANNOTATION] === task.taskId) return found;
    throw thrown;
  }
}

async function existing(work: Work, reference: ResourceReference): Promise<ResourceObject> {
  const found = await work.client.get(reference, work.signal);
  if (found !== undefined) return found;
  throw new ArgosyError('NOT_FOUND', `there is no ${referenceText(reference)}`);
}

async function untilJudged(
  work: Work,
  first: ResourceObject,
  conditions: Conditions,
): Promise<{ readonly object: ResourceObject; readonly message?: string }> {
  const reference = referenceTo(first);
  let waitMs = LOOK_AGAIN_MS_MIN;
  for (;;) {
    const object = await work.client.get(reference, work.signal);
    if (object === undefined) {
      const message = `Resource ${reference.name} in namespace ${reference.namespace} has been deleted somehow`;
      throw new ArgosyError('NOT_FOUND', message);
    }
    const judgement = judge(object, conditions);
    if (judgement.kind === 'Failed') return { object, message: judgement.message };
    // With failure conditions alone there is nothing to wait for.
    if (judgement.kind === 'Met') return { object };
    await delay(waitMs, undefined, { signal: work.signal });
    waitMs = Math.min(waitMs * 1.5, LOOK_AGAIN_MS_MAX);
  }
}

function referenceTo({ kind, metadata }: ResourceObject): ResourceReference {
  return { kind, namespace: metadata.namespace ?? '', name: metadata.name ?? '' };
}

function referenceText({ kind, namespace, name }: ResourceReference): string {
  return `${namespace}/${kind}/${name}`;
}
