import { ArgosyError } from '@argosy/base';
import { compileExpr, evaluateExpr, exprValueToJson, type ExprValue } from '@argosy/lang';
import type { Artifact, DataTemplate } from '@argosy/model';
import { cancelOutcome, outcomeOf } from '../outcome.ts';
import { createCancellation } from '../process/cancellation.ts';
import type { Runner, RunnerIo, RunnerTask, TaskOutcome } from '../types.ts';

/** Runs data templates: the keys of a place where artifacts lie, transformed; the JSON of that is the result. */
export function createDataRunner(): Runner {
  return {
    name: 'data',
    supports: (template) => template.data !== undefined,
    run: (task, io) => {
      const { data } = task.template;
      if (data === undefined) return Promise.resolve(outcomeOf('Error', 'no data template'));
      return runData(data, task, io);
    },
  };
}

async function runData(data: DataTemplate, task: RunnerTask, io: RunnerIo): Promise<TaskOutcome> {
  using cancellation = createCancellation(task, io);
  try {
    cancellation.signal.throwIfAborted();
    io.running();
    let value: ExprValue = [...(await sourceOf(data, task, io))];
    for (const { expression } of data.transformation) value = transformed(expression, value);
    return { ...outcomeOf('Succeeded'), result: jsonOf(value) };
  } catch (thrown) {
    const cancel = cancellation.request();
    if (cancel !== undefined) return cancelOutcome(cancel.reason);
    return outcomeOf('Error', ArgosyError.fromUnknown(thrown).message);
  }
}

/** @throws ArgosyError INVALID_ARGUMENT for a source of no known kind. */
async function sourceOf(
  data: DataTemplate,
  task: RunnerTask,
  io: RunnerIo,
): Promise<readonly string[]> {
  const { artifactPaths } = data.source;
  if (artifactPaths === undefined) {
    throw new ArgosyError('INVALID_ARGUMENT', 'data.source must be artifactPaths');
  }
  const { namespace, workflow, uid, podName } = task;
  const scope = { namespace, workflow, uid, podName, signal: io.signal };
  return io.artifacts.list(artifactPaths as unknown as Artifact, scope);
}

/** @throws ArgosyError INVALID_ARGUMENT quoting the expression. */
function transformed(expression: string, data: ExprValue): ExprValue {
  const program = compileExpr(expression);
  const value = program.ok ? evaluateExpr(program.value, { data }) : program;
  if (value.ok) return value.value;
  throw new ArgosyError(
    'INVALID_ARGUMENT',
    `data.transformation "${expression}": ${value.error.message}`,
  );
}

/** @throws ArgosyError INVALID_ARGUMENT for a value that JSON has no words for, such as a function. */
function jsonOf(value: ExprValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  const json = exprValueToJson(value);
  if (json.ok) return json.value;
  throw new ArgosyError('INVALID_ARGUMENT', `data.transformation: ${json.error.message}`);
}
