import { setTimeout as delay } from 'node:timers/promises';
import { ArgosyError, parseArgoDuration } from '@argosy/base';
import type { Outputs, PluginTemplate } from '@argosy/model';
import { exchange } from '../http/http-request.ts';
import { cancelOutcome, outcomeOf } from '../outcome.ts';
import { createCancellation, type Cancellation } from '../process/cancellation.ts';
import type { Runner, RunnerIo, RunnerTask, TaskOutcome } from '../types.ts';
import { pluginAddress } from './plugin-address.ts';

/** Between two calls to a plugin that did not answer, or that is to be asked again at no given time. */
const CALL_AGAIN_MS = 1_000;

/** Calls in a row that may fail before the node does. */
const FAILED_CALLS_MAX = 5;

/** A node as a plugin describes it. */
interface PluginNode {
  readonly phase?: string;
  readonly message?: string;
  readonly progress?: string;
  readonly outputs?: Outputs;
}

interface PluginAnswer {
  readonly node?: PluginNode | null;
  /** A duration after which the plugin is to be asked again. */
  readonly requeue?: string;
}

/**
 * Runs plugin templates by Argo's executor plugin protocol: `POST /api/v1/template.execute` with the workflow's
 * metadata and the template, repeated for as long as the plugin asks for it.
 */
export function createPluginRunner(): Runner {
  return {
    name: 'plugin',
    supports: (template) => template.plugin !== undefined,
    run: async (task, io) => {
      const { plugin } = task.template;
      if (plugin === undefined) return outcomeOf('Error', 'no plugin template');
      using cancellation = createCancellation(task, io);
      try {
        return await runPlugin(plugin, task, { io, cancellation });
      } catch (thrown) {
        const cancel = cancellation.request();
        if (cancel !== undefined) return cancelOutcome(cancel.reason);
        return outcomeOf('Error', ArgosyError.fromUnknown(thrown).message);
      }
    },
  };
}

interface Surroundings {
  readonly io: RunnerIo;
  readonly cancellation: Cancellation;
}

async function runPlugin(
  plugin: PluginTemplate,
  task: RunnerTask,
  { io, cancellation }: Surroundings,
): Promise<TaskOutcome> {
  const [name = ''] = Object.keys(plugin);
  const address = await pluginAddress(name, task.namespace, io.resources);
  const { signal } = cancellation;
  signal.throwIfAborted();
  io.running();
  for (let failed = 0; ;) {
    let waitMs = CALL_AGAIN_MS;
    try {
      const answer = await callPlugin(address, task, signal);
      if (answer.node === undefined || answer.node === null) {
        return outcomeOf('Error', `plugin "${name}" did not execute the template`);
      }
      const outcome = outcomeOfNode(answer.node);
      if (outcome !== undefined) return outcome;
      if (answer.node.progress !== undefined) io.progress(answer.node.progress);
      waitMs = requeueMs(answer);
      failed = 0;
    } catch (thrown) {
      const error = ArgosyError.fromUnknown(thrown);
      failed += 1;
      if (signal.aborted || error.code !== 'UNAVAILABLE' || failed >= FAILED_CALLS_MAX) throw error;
      io.warn({ plugin: name, attempt: failed, message: error.message }, 'a plugin did not answer');
    }
    await delay(waitMs, undefined, { signal });
  }
}

/** @throws ArgosyError UNAVAILABLE for no answer or a status of 500 and more, FAILED_PRECONDITION for other ones. */
async function callPlugin(
  address: string,
  task: RunnerTask,
  signal: AbortSignal,
): Promise<PluginAnswer> {
  const url = `${address}/api/v1/template.execute`;
  const { workflow, namespace, uid } = task;
  const request = {
    workflow: { metadata: { name: workflow, namespace, uid } },
    template: task.template,
  };
  const response = await exchange({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(request)),
    verifyTls: true,
    signal,
  });
  // A plugin that knows no such templates.
  if (response.status === 404) return {};
  if (response.status !== 200) {
    const code = response.status >= 500 ? 'UNAVAILABLE' : 'FAILED_PRECONDITION';
    throw new ArgosyError(code, `${url} answered ${response.status}: ${response.body}`);
  }
  return answerOf(response.body, url);
}

function answerOf(body: string, url: string): PluginAnswer {
  try {
    const answer: unknown = JSON.parse(body);
    if (typeof answer === 'object' && answer !== null && !Array.isArray(answer)) return answer;
  } catch {
    // Told below.
  }
  throw new ArgosyError('FAILED_PRECONDITION', `${url} answered with no JSON object`);
}

/** Undefined while the node goes on. */
function outcomeOfNode({ phase, message, outputs }: PluginNode): TaskOutcome | undefined {
  if (phase !== 'Succeeded' && phase !== 'Failed' && phase !== 'Error') return undefined;
  return { ...outcomeOf(phase, message), ...(outputs === undefined ? {} : valuesOf(outputs)) };
}

function valuesOf({ parameters = [], artifacts = [], ...given }: Outputs): Partial<TaskOutcome> {
  const exitCode = Number(given.exitCode ?? NaN);
  const values = parameters.map(({ name, value }) => [name, value ?? '']);
  return {
    ...(given.result === undefined ? {} : { result: given.result }),
    ...(Number.isInteger(exitCode) ? { exitCode } : {}),
    parameters: Object.fromEntries(values) as Readonly<Record<string, string>>,
    artifacts,
  };
}

function requeueMs({ requeue }: PluginAnswer): number {
  const parsed = requeue === undefined ? undefined : parseArgoDuration(requeue);
  return parsed?.ok === true ? parsed.value : CALL_AGAIN_MS;
}
