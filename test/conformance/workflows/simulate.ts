// The pure cases of the corpus: a fake executor says how pods end, and the engine alone is judged.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  decide,
  headerFromStatus,
  initialState,
  memoizedStatus,
  owedOf,
  renderWorkflow,
  stateFromStatus,
  step,
  takeOwed,
  workflowMachine,
  type Effect,
  type Input,
  type RunHeader,
  type State,
  type Task,
} from '@argosy/core-workflow';
import {
  createTemplateLookup,
  parseManifests,
  resolveWorkflowSpec,
  type Manifest,
  type Workflow,
} from '@argosy/model';
import type { Installation } from '@argosy/core-workflow/testing';
import { failed, passed, skipped, type CaseOutcome } from '../adapter.ts';
import type { WorkflowCase } from './case.ts';
import { differenceOf } from './expectation.ts';
import { answersTo, installationOf } from './simulated-world.ts';

/** The `simulate` block of a case. */
export interface Simulate {
  readonly start?: string;
  readonly rounds?: number;
  readonly pods?: string;
  readonly action?: string;
  readonly cache?: unknown;
  readonly locks?: string;
  readonly clock?: string;
  readonly nodeFieldSelector?: string;
  readonly restartSuccessful?: boolean;
  readonly [key: string]: unknown;
}

/** Virtual time between two rounds. */
const ROUND_MS = 1_000;
/** Rounds after which a run that should come to its end is given up. */
const ROUNDS_MAX = 1_000;

/** A case with a `simulate` block. */
export type SimulateCase = WorkflowCase;

/** True for the cases that `runSimulateCase` judges. */
export function isSimulateCase(given: { readonly simulate?: unknown }): boolean {
  return given.simulate !== undefined;
}

/** Plays one case and compares what the engine made of it. */
export function runSimulateCase(
  given: WorkflowCase,
  context: { readonly corpusDirectory: string },
): CaseOutcome {
  const simulate = simulateOf(given);
  if (given.expect['cron'] !== undefined) return skipped('cron is not simulated here');
  const situation = situationOf(given, context);
  if (typeof situation === 'string') return failed(situation);
  const play = begin(situation, simulate);
  const judge = (): string | undefined =>
    differenceOf(renderWorkflow(play.state), given.expect) ?? ownDifference(given.expect, play);
  const outcome = playRounds(play, simulate, judge);
  return outcome === undefined ? passed : failed(outcome);
}

function simulateOf(given: WorkflowCase): Simulate {
  return (given.simulate ?? {}) as Simulate;
}

interface Play {
  header: RunHeader;
  readonly installation: Installation;
  state: State;
  at: number;
  /** Tasks in the order in which they were handed out. */
  readonly tasks: Task[];
  /** Nodes before an action dropped some of them. */
  nodesBefore: number;
}

interface Situation {
  readonly header: RunHeader;
  readonly installation: Installation;
}

function situationOf(
  given: WorkflowCase,
  { corpusDirectory }: { readonly corpusDirectory: string },
): Situation | string {
  const read = (file: string): readonly Manifest[] => {
    const text = readFileSync(join(corpusDirectory, file), 'utf8');
    const options = { requireName: false, defaultKind: 'Workflow', file } as const;
    return parseManifests(text, options).manifests.map(({ manifest }) => manifest);
  };
  const main = read(given.file);
  const workflow = main.find((manifest): manifest is Workflow => manifest.kind === 'Workflow');
  if (workflow === undefined) return `${given.file} holds no Workflow`;
  const name = workflow.metadata.name ?? `${workflow.metadata.generateName ?? 'wf-'}x`;
  const named = { ...workflow, metadata: { ...workflow.metadata, name } };
  const setup = (given.setup ?? []).flatMap(read);
  const others = [...setup, ...main.filter((manifest) => manifest !== workflow)];
  const lookup = createTemplateLookup(others, workflow.metadata.namespace);
  const simulate = simulateOf(given);
  const installation = installationOf(named, { simulate, manifests: others });
  const base = headerFromStatus(named);
  const started = (simulate.start ?? '') !== '';
  const resolved = resolveWorkflowSpec(named, lookup);
  if (!resolved.ok) {
    const problems = resolved.error.map(({ message }) => message).join('; ');
    return started ? { header: base, installation } : problems;
  }
  const { spec, storedTemplates, configMaps, labels, annotations } = resolved.value;
  const header = {
    ...base,
    createdAtMs: base.createdAtMs || Date.now(),
    spec: started && named.status?.storedWorkflowTemplateSpec !== undefined ? base.spec : spec,
    storedTemplates: { ...storedTemplates, ...base.storedTemplates },
    configMaps,
    labels,
    annotations,
  };
  return { header, installation };
}

function begin({ header, installation }: Situation, simulate: Simulate): Play {
  const started = (simulate.start ?? '') !== '';
  const shifted = simulate.start?.includes('shifted to now') === true;
  const play: Play = {
    header,
    installation,
    state: initialState(),
    at: Date.now(),
    tasks: [],
    nodesBefore: 0,
  };
  if (!started) {
    play.at = header.createdAtMs;
    offer(play, { kind: 'Submit', at: play.at, run: header });
    return play;
  }
  if (shifted) play.at = latestTime(header) + ROUND_MS;
  play.state = stateFromStatus(header).state;
  loseRunningPods(play);
  answer(play, [...owedOf(play.state)]);
  offer(play, { kind: 'Tick', at: play.at });
  return play;
}

/** Pods of the status do not exist in the fake cluster: those that should be running are lost. */
function loseRunningPods(play: Play): void {
  const nodes = Object.values(renderWorkflow(play.state).status?.nodes ?? {});
  const running = new Set(
    nodes.filter(({ type, phase }) => type === 'Pod' && phase === 'Running').map(({ id }) => id),
  );
  for (const effect of [...owedOf(play.state)]) {
    if (effect.kind !== 'RunTask' || !running.has(effect.task.nodeId)) continue;
    const { taskId } = effect.task;
    const report = { taskId, kind: 'Finished', phase: 'Error', message: 'pod deleted' } as const;
    offer(play, { kind: 'ReportTask', at: play.at, report });
  }
}

/** The last instant that a status speaks of: to the test, that is the present. */
function latestTime(header: RunHeader): number {
  const nodes = Object.values(header.manifest.status?.nodes ?? {});
  const times = nodes.flatMap((node) => [node.startedAt, node.finishedAt]);
  return Math.max(...times.map((time) => Date.parse(time ?? '') || 0));
}

function offer(play: Play, input: Input): string | undefined {
  const stepped = step(play.state, input);
  if (!stepped.ok) return stepped.error.message;
  play.state = stepped.value.state;
  const owed = takeOwed(play.state);
  for (const effect of owed) if (effect.kind === 'RunTask') play.tasks.push(effect.task);
  answer(play, owed);
  return undefined;
}

/** What the run asks of the locks and caches is answered at once. */
function answer(play: Play, effects: readonly Effect[]): void {
  const of = { uid: play.header.uid, at: play.at };
  for (const effect of effects) {
    for (const input of answersTo(play.installation, effect, of)) offer(play, input);
  }
}

/**
 * Each round after the first gives the pods their phases and lets the engine go on. This engine
 * needs fewer rounds than upstream's, which does one thing per round; so where a state in between is
 * expected after three rounds or more, it counts whenever it is passed through.
 */
function playRounds(
  play: Play,
  simulate: Simulate,
  judge: () => string | undefined,
): string | undefined {
  play.nodesBefore = nodeCount(play.state);
  const problem = simulate.action === undefined ? undefined : act(play, simulate);
  if (problem !== undefined) return problem;
  const { phases, toTheEnd, rounds } = roundsOf(simulate);
  for (let round = 1; round < rounds; round += 1) {
    const phase = phases[Math.min(round, phases.length) - 1] ?? '';
    const isOver = !playRound(play, simulate, phase) && isIdle(play.state);
    if (toTheEnd ? isOver : rounds >= 3 && judge() === undefined) break;
  }
  return judge();
}

/** The phases that the pods get, round by round, and how many rounds there are. */
function roundsOf({ pods = '', rounds }: Simulate): {
  readonly phases: readonly string[];
  readonly toTheEnd: boolean;
  readonly rounds: number;
} {
  const phases = pods.split(/\s*,\s*/).filter((part) => part !== '');
  const toTheEnd = rounds === undefined && phases.length > 0;
  return {
    phases,
    toTheEnd,
    rounds: toTheEnd ? ROUNDS_MAX : Math.max(rounds ?? 1, phases.length + 1),
  };
}

/** True when there was a pod to report about. */
function playRound(play: Play, simulate: Simulate, phase: string): boolean {
  const waitSeconds = /for over (\d+) s/.exec(simulate.pods ?? '')?.[1];
  play.at += waitSeconds === undefined ? ROUND_MS : (Number(waitSeconds) + 1) * ROUND_MS;
  const reported = reportAll(play, phase);
  offer(play, { kind: 'Tick', at: play.at });
  return reported;
}

function isIdle(state: State): boolean {
  return [...owedOf(state)].length === 0;
}

function nodeCount(state: State): number {
  return Object.values(renderWorkflow(state).status?.nodes ?? {}).filter(
    (node) => node.type === 'Pod',
  ).length;
}

/** Reports a phase for every outstanding task that it means; true when there was one. */
function reportAll(play: Play, phase: string): boolean {
  const word = /(Succeeded|Failed|Error|Running)/.exec(phase)?.[1];
  if (word === undefined) return false;
  let any = false;
  for (const effect of [...owedOf(play.state)]) {
    if (effect.kind !== 'RunTask' || !isMeant(effect.task, phase)) continue;
    const { taskId } = effect.task;
    any = true;
    offer(play, { kind: 'ReportTask', at: play.at, report: { taskId, kind: 'Started' } });
    if (word === 'Running') continue;
    const end = word as 'Succeeded' | 'Failed' | 'Error';
    const report = { taskId, kind: 'Finished', phase: end } as const;
    offer(play, { kind: 'ReportTask', at: play.at, report });
  }
  return any;
}

function isMeant(task: Task, phase: string): boolean {
  const isHook = /\.hooks\.|\.onExit/.test(task.nodeName);
  if (phase.startsWith('main ')) return !isHook;
  return phase.startsWith('hook ') ? isHook : true;
}

function act(play: Play, simulate: Simulate): string | undefined {
  const { nodeFieldSelector, restartSuccessful } = simulate;
  const at = play.at;
  switch (simulate.action) {
    case 'stop':
      return offer(play, { kind: 'Control', at, command: { kind: 'Stop' } });
    case 'terminate':
      return offer(play, { kind: 'Control', at, command: { kind: 'Terminate' } });
    case 'retry': {
      const command = {
        kind: 'Retry',
        ...(restartSuccessful === undefined ? {} : { restartSuccessful }),
        ...(nodeFieldSelector === undefined ? {} : { nodeFieldSelector }),
      } as const;
      // Only what is forgotten is judged, not what is then run anew.
      const decided = decide(play.state, { kind: 'Control', at, command });
      if (!decided.ok) return decided.error.message;
      for (const fact of decided.value) workflowMachine.evolve(play.state, fact);
      return undefined;
    }
    case 'resubmit memoized':
      resubmit(play);
      return undefined;
    default:
      return `the action '${simulate.action ?? ''}' is not known`;
  }
}

/** Goes on with a new run that takes over what succeeded. */
function resubmit(play: Play): void {
  const former = renderWorkflow(play.state);
  const { name = '' } = former.metadata;
  const labels = { 'workflows.argoproj.io/resubmitted-from-workflow': name };
  const metadata = { ...former.metadata, name: `${name}-again`, labels };
  const manifest = { ...former, metadata, status: memoizedStatus(former) };
  const changes = { uid: `${play.header.uid}-again`, name: metadata.name, labels, manifest };
  play.header = { ...play.header, ...changes, createdAtMs: play.at };
  play.state = initialState();
  offer(play, { kind: 'Submit', at: play.at, run: play.header });
  reportAll(play, 'Running');
}

function ownDifference(
  expected: Readonly<Record<string, unknown>>,
  play: Play,
): string | undefined {
  const { header } = play;
  const args = play.tasks.map((task) => (task.template.container?.args ?? []).join(' '));
  return (
    deletedDifference(expected['podsDeleted'], play) ??
    listDifference('podArgs', expected['podArgs'], args) ??
    listDifference(
      'execArtifacts',
      expected['execArtifacts'],
      (header.spec.arguments?.artifacts ?? []).map(({ name }) => name),
    ) ??
    argumentsDifference(expected['execArguments'], header)
  );
}

function deletedDifference(expected: unknown, play: Play): string | undefined {
  if (typeof expected !== 'number') return undefined;
  const deleted = play.nodesBefore - nodeCount(play.state);
  return deleted === expected ? undefined : `podsDeleted: expected ${expected}, got ${deleted}`;
}

function listDifference(
  what: string,
  expected: unknown,
  actual: readonly string[],
): string | undefined {
  if (!Array.isArray(expected)) return undefined;
  const wanted = expected.map(String);
  const same = JSON.stringify(wanted) === JSON.stringify(actual.slice(0, wanted.length));
  return same ? undefined : `${what}: expected ${wanted.join(' | ')}, got ${actual.join(' | ')}`;
}

function argumentsDifference(expected: unknown, header: RunHeader): string | undefined {
  if (typeof expected !== 'object' || expected === null) return undefined;
  for (const [name, value] of Object.entries(expected)) {
    const given = header.spec.arguments?.parameters?.find((parameter) => parameter.name === name);
    if (given?.value !== value) {
      return `argument ${name}: expected ${String(value)}, got ${given?.value ?? 'nothing'}`;
    }
  }
  return undefined;
}
