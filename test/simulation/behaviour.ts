import type { Task, TaskReport } from '@argosy/core-workflow';
import { chanceOf } from './random.ts';
import type { Behaviour, Scenario } from './scenario.ts';

/** How one task ends, and after what time. */
export interface TaskOutcome {
  readonly durationMs: number;
  /** It ends only when it is told to. */
  readonly hangs: boolean;
  readonly report: Omit<TaskReport, 'taskId' | 'kind'>;
}

const PERCENT = 100;

/**
 * The outcome depends on the node alone, so that a task that is run twice ends alike both times. In wild scenarios the
 * id of the task counts too: what is run again by hand may then end otherwise.
 */
export function outcomeOf(scenario: Scenario, task: Task): TaskOutcome {
  const behaviour = scenario.behaviours[task.templateName] ?? STEADY;
  const key = `${scenario.seed}/${task.workflow}/${task.nodeName}`;
  const chance = (what: string): number => {
    return chanceOf(`${what}/${key}/${scenario.kind === 'wild' ? task.taskId : ''}`);
  };
  const durationMs = Math.floor(chance('duration') * behaviour.durationMsMax);
  const hangs = behaviour.hangs || task.template.daemon === true;
  const roll = chance('phase') * PERCENT;
  if (roll < behaviour.failPercent) {
    const exitCode = 1 + Math.floor(chance('code') * 3);
    return { durationMs, hangs, report: { phase: 'Failed', exitCode } };
  }
  if (roll < behaviour.failPercent + behaviour.errorPercent) {
    return { durationMs, hangs, report: { phase: 'Error', message: 'the pod was lost' } };
  }
  const result = resultOf(behaviour, chance('result'));
  const parameters = parametersOf(task, chance('result'));
  return {
    durationMs,
    hangs,
    report: {
      phase: 'Succeeded',
      exitCode: 0,
      ...(result === undefined || !task.captureResult ? {} : { result }),
      ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
    },
  };
}

const STEADY: Behaviour = {
  failPercent: 0,
  errorPercent: 0,
  hangs: false,
  durationMsMax: 1_000,
  result: 'none',
};

const WORDS = ['alpha', 'beta', 'gamma'];
const LENGTH_MAX = 4;

function resultOf(behaviour: Behaviour, chance: number): string | undefined {
  switch (behaviour.result) {
    case 'none':
      return undefined;
    case 'word':
      return WORDS[Math.floor(chance * WORDS.length)];
    case 'number':
      return String(Math.floor(chance * LENGTH_MAX));
    case 'list': {
      const length = Math.floor(chance * LENGTH_MAX);
      return JSON.stringify(Array.from({ length }, (_, index) => WORDS[index % WORDS.length]));
    }
  }
}

/** Values of the declared outputs; one that becomes an output of the workflow is the same for all nodes. */
function parametersOf(task: Task, chance: number): Record<string, string> {
  const values: Record<string, string> = {};
  for (const { name, globalName, valueFrom } of task.template.outputs?.parameters ?? []) {
    if (valueFrom?.path === undefined) continue;
    const isLost = valueFrom.default !== undefined && chance > 0.7;
    if (globalName !== undefined) values[name] = globalName;
    else values[name] = isLost ? valueFrom.default : `${name}-${Math.floor(chance * 10)}`;
  }
  return values;
}
