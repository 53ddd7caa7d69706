import { formatGoDuration, type Refusal } from '@argosy/base';
import {
  createHistoryWriter,
  isFinished,
  renderWorkflow,
  summarize,
  type Fact,
  type Input,
  type MetricSample,
  type RunHeader,
  type State,
} from '@argosy/core-workflow';
import { simulateRuns, type Simulation } from '@argosy/core-workflow/simulation';
import { formatProblem, type Workflow } from '@argosy/model';
import { createReactions, scheduledInputs } from './actions.ts';
import type { Mock, Setting } from './format.ts';
import { prepareRun } from './header.ts';
import type { Manifests } from './manifests.ts';
import { createMocks } from './mocks.ts';
import { holdersOf, installationOf } from './surroundings.ts';
import { durationMsOf } from './texts.ts';

/** What came of a simulated run. */
export interface PlayedRun {
  readonly workflow: Workflow;
  /** Why the run comes to no end; empty when it does. */
  readonly standstill: string;
  /** Virtual time from the submission to the end, or to the last thing that happened; milliseconds. */
  readonly durationMs: number;
  /** Most tasks at work at the same time. */
  readonly maxParallel: number;
  /** By node id: positions among all that happened. */
  readonly spans: ReadonlyMap<string, NodeSpan>;
  /** All that was told of metrics, in order. */
  readonly metrics: readonly MetricSample[];
  /** What makes the case fail whatever is expected. */
  readonly failures: readonly string[];
  readonly warnings: readonly string[];
  /** Positions of the mocks that were of use. */
  readonly usedMocks: ReadonlySet<number>;
}

/** When a node began and ended, in facts; `end` is absent while it runs. */
export interface NodeSpan {
  readonly begin: number;
  readonly end?: number;
}

/**
 * Runs a workflow on the real engine in virtual time.
 * @throws ArgosyError INVALID_ARGUMENT when the workflow cannot be run at all.
 */
export function playRun(
  manifests: Manifests,
  setting: Setting & { readonly mocks: readonly Mock[] },
  namespace: string | undefined,
): PlayedRun {
  const { header, lookup, warnings } = prepareRun(manifests, setting, namespace);
  const { events = [], held = [] } = setting;
  const mocks = createMocks(setting.mocks);
  const log = createLog(header, createReactions(mocks, events));
  const startMs = header.createdAtMs;
  const own = { header, outcomes: mocks.outcomeOf, inputs: scheduledInputs(events, startMs) };
  const played = simulateRuns([...holdersOf(held, header), own], {
    installation: installationOf(setting, header, lookup),
    ...(setting.until === undefined ? {} : { untilMs: durationMsOf(setting.until) }),
    react: log.react,
    onRefused: log.refuse,
  });
  const { state, maxParallel, metrics } = played.at(-1) as Simulation;
  const workflow = renderWorkflow(state);
  const unmatched = [...mocks.unmatched].map((name) => `no mock says how ${name} ends`);
  return {
    workflow,
    standstill: isFinished(state) ? '' : standstill(workflow),
    durationMs: log.lastMs() - startMs,
    maxParallel,
    metrics,
    spans: log.spans,
    usedMocks: mocks.used,
    failures: [...log.refused, ...(setting.strict === true ? unmatched : [])],
    warnings: [...warnings.map(formatProblem), ...mocks.warnings],
  };
}

/** What is noted while the run goes on. */
interface Log {
  readonly react: (fact: Fact, state: State) => readonly Input[];
  readonly refuse: (input: Input, refusal: Refusal) => void;
  readonly spans: ReadonlyMap<string, NodeSpan>;
  /** Inputs that the engine refused, in sentences. */
  readonly refused: readonly string[];
  /** The instant of the last fact. */
  lastMs(): number;
}

/** Of the one run; others are played beside it. */
function createLog(header: RunHeader, answer: ReturnType<typeof createReactions>): Log {
  const history = createHistoryWriter();
  const spans = new Map<string, NodeSpan>();
  const refused: string[] = [];
  let lastMs = header.createdAtMs;
  return {
    spans,
    refused,
    lastMs: () => lastMs,
    react(fact, state) {
      if (summarize(state).uid !== header.uid) return [];
      const entry = history.describe(state, fact);
      lastMs = Math.max(lastMs, fact.at);
      if (entry.node !== undefined) noteSpan(spans, entry.node.id, entry);
      return answer(entry, fact, state);
    },
    refuse(input, refusal) {
      const what = input.kind === 'Control' ? input.command.kind : input.kind;
      const after = formatGoDuration(input.at - header.createdAtMs);
      refused.push(`${what} after ${after} was refused: ${refusal.message}`);
    },
  };
}

const BEGINS: ReadonlySet<string> = new Set(['NodeCreated']);
const ENDS: ReadonlySet<string> = new Set(['Succeeded', 'Failed', 'Error', 'Skipped', 'Omitted']);

/** The last begin and the last end count: a node that was retried by hand runs again. */
function noteSpan(
  spans: Map<string, NodeSpan>,
  id: string,
  entry: { readonly sequence: number; readonly kind: string; readonly phase: string },
): void {
  const { sequence, kind, phase } = entry;
  const begin = BEGINS.has(kind) ? sequence : (spans.get(id)?.begin ?? sequence);
  spans.set(id, ENDS.has(phase) ? { begin, end: sequence } : { begin });
}

/** Why nothing goes on any more, with names to look at. */
function standstill(workflow: Workflow): string {
  const { phase = '' } = workflow.status ?? {};
  const open = Object.values(workflow.status?.nodes ?? {}).filter(
    ({ phase: own, children = [] }) =>
      (own === 'Running' || own === 'Pending') && children.length === 0,
  );
  const names = open.map((node) => node.displayName ?? node.name).slice(0, 5);
  const waits = names.length === 0 ? '' : `: ${names.join(', ')} (say in a mock how it goes on)`;
  return `the run comes to no end; it stays ${phase}${waits}`;
}
