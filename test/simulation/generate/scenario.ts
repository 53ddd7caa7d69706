import type { ControlCommand } from '@argosy/core-workflow';
import type { Template, Workflow, WorkflowSpec } from '@argosy/model';
import { createRandom, type Random } from '../random.ts';
import type { Behaviour, Fault, PlannedCommand, Scenario } from '../scenario.ts';
import { makeComposite } from './composite.ts';
import { withLocks } from './locks.ts';
import { makeLeaf, makeRetry, type Callable, type Workshop } from './leaf.ts';

/** Everything of a simulation from its seed. */
export function scenarioOf(seed: number): Scenario {
  return withLocks(bareScenario(seed));
}

function bareScenario(seed: number): Scenario {
  const random = createRandom(seed, 'scenario');
  const isWild = random.chance(0.35);
  const behaviours: Record<string, Behaviour> = {};
  let names = 0;
  const shop: Workshop = {
    random,
    isWild,
    behaviours,
    hookTemplates: [],
    nextName(kind) {
      names += 1;
      return `${kind}${names}`;
    },
  };
  const count = random.pick([1, 1, 1, 2, 2, 3]);
  const workflows = Array.from({ length: count }, (_, index) => makeWorkflow(shop, index));
  return {
    seed,
    kind: isWild ? 'wild' : 'settled',
    workflows,
    behaviours,
    commands: makeCommands(random, { isWild, count }),
    faults: makeFaults(createRandom(seed, 'faults')),
    replicas: random.between(1, 3),
    partitions: random.between(1, 2),
    executors: random.between(1, 3),
    isEncoded: random.chance(0.1),
  };
}

function makeWorkflow(shop: Workshop, index: number): Workflow {
  const { random } = shop;
  shop.hookTemplates.length = 0;
  const known: Callable[] = [];
  const leaves = random.between(1, 4);
  for (let made = 0; made < leaves; made += 1) known.push(makeLeaf(shop));
  const composites = random.chance(0.05) ? 0 : random.between(1, 3);
  for (let made = 0; made < composites; made += 1) known.push(makeComposite(shop, known));
  const main = known.findLast(({ isDaemon }) => !isDaemon) ?? known[0];
  const templates = known.map(({ template }): Template => template);
  const spec: WorkflowSpec = {
    entrypoint: main?.template.name ?? '',
    ...(main?.takesParameter === true
      ? { arguments: { parameters: [{ name: 'x', value: 'given' }] } }
      : {}),
    ...makeSpecFields(shop, known),
    templates: [...templates, ...shop.hookTemplates],
  };
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name: `run-${index}` },
    spec,
  };
}

// eslint-disable-next-line complexity -- one throw of the dice for each field
function makeSpecFields(shop: Workshop, known: readonly Callable[]): Partial<WorkflowSpec> {
  const { random, isWild } = shop;
  const handler = known.find((each) => each.size === 1 && !each.isDaemon && !each.takesParameter)
    ?.template.name;
  return {
    ...(random.chance(0.2) && !known.some(({ isDaemon }) => isDaemon)
      ? { parallelism: random.between(1, 4) }
      : {}),
    ...(handler !== undefined && random.chance(0.25) ? { onExit: handler } : {}),
    ...(random.chance(0.05) ? { suspend: true } : {}),
    ...(random.chance(0.05) ? { retryStrategy: makeRetry(shop) } : {}),
    ...(isWild && random.chance(0.3) ? { activeDeadlineSeconds: random.between(1, 60) } : {}),
    ...(handler !== undefined && isWild && random.chance(0.15)
      ? { hooks: { watch: { template: handler, expression: 'workflow.status == "Running"' } } }
      : {}),
  };
}

const COMMAND_SPAN_MS = 60_000;

/** In a settled scenario nothing is asked for that would change how the runs end. */
function makeCommands(
  random: Random,
  { isWild, count }: { readonly isWild: boolean; readonly count: number },
): readonly PlannedCommand[] {
  const commands: PlannedCommand[] = [];
  const planned = random.chance(0.4) ? random.between(1, isWild ? 5 : 2) : 0;
  for (let made = 0; made < planned; made += 1) {
    const atMs = Math.floor(COMMAND_SPAN_MS * random.next() ** 2);
    const command: ControlCommand = isWild ? wildCommand(random) : { kind: 'Suspend' };
    commands.push({ atMs, workflow: random.below(count), command });
  }
  if (isWild && random.chance(0.4)) {
    const atMs = random.between(COMMAND_SPAN_MS, 10 * COMMAND_SPAN_MS);
    commands.push({ atMs, workflow: random.below(count), command: { kind: 'Retry' } });
  }
  return commands;
}

function wildCommand(random: Random): ControlCommand {
  return random.pick<ControlCommand>([
    { kind: 'Suspend' },
    { kind: 'Resume' },
    { kind: 'Stop' },
    { kind: 'Stop', message: 'enough' },
    { kind: 'Terminate' },
    { kind: 'Retry' },
  ]);
}

/** Most occasions among which the place of a fault is chosen; small ones are more likely. */
const OCCASIONS_MAX = 300;

function makeFaults(random: Random): readonly Fault[] {
  const faults: Fault[] = [];
  const count = random.pick([1, 1, 2, 3, 5, 8]);
  for (let made = 0; made < count; made += 1) {
    const occasion = Math.floor(OCCASIONS_MAX * random.next() ** 2);
    faults.push({ ...makeFault(random), occasion: occasion >> shiftOf(random) });
  }
  return faults;
}

function shiftOf(random: Random): number {
  return random.below(5);
}

type WithoutOccasion<T> = T extends unknown ? Omit<T, 'occasion'> : never;

function makeFault(random: Random): WithoutOccasion<Fault> {
  const shortMs = random.between(1, 3_000);
  const longMs = random.pick([shortMs, 8_000, 30_000, 700_000]);
  return random.pick<WithoutOccasion<Fault>>([
    { kind: 'Crash', downMs: longMs },
    { kind: 'Crash', downMs: shortMs },
    { kind: 'Crash', downMs: shortMs },
    { kind: 'LoseLease', noticeMs: random.pick([shortMs, 10_000]), pauseMs: 0 },
    { kind: 'LoseLease', noticeMs: shortMs, pauseMs: random.pick([shortMs, 30_000]) },
    { kind: 'FailAppend' },
    { kind: 'LoseAppendAnswer' },
    { kind: 'LoseCommandAck' },
    { kind: 'DelayCommand', byMs: longMs },
    { kind: 'DuplicateCommand', byMs: longMs },
    { kind: 'DelayTask', byMs: shortMs },
    { kind: 'LoseTaskAck' },
    { kind: 'ExecutorDies', downMs: longMs },
    { kind: 'ExecutorFreezes', byMs: longMs },
    { kind: 'LoseNews' },
    { kind: 'TimerLate', byMs: shortMs },
    { kind: 'TimerTwice', byMs: shortMs },
  ]);
}
