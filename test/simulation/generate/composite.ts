import type { DAGTask, LifecycleHook, Template, WorkflowStep } from '@argosy/model';
import { makeRetry, type Callable, type Workshop } from './leaf.ts';

/** Nodes that one composite may make, about. */
const SIZE_MAX = 40;

interface Call {
  readonly name: string;
  readonly callee: Callable;
  readonly rounds: number;
}

/** A Steps or DAG template that calls templates made before it. */
export function makeComposite(shop: Workshop, known: readonly Callable[]): Callable {
  const isDag = shop.random.chance(0.55);
  const name = shop.nextName(isDag ? 'dag' : 'steps');
  const takesParameter = shop.random.chance(0.3);
  const calls: Call[] = [];
  const body = isDag
    ? makeDag(shop, known, { calls, takesParameter })
    : makeSteps(shop, known, { calls, takesParameter });
  const { random } = shop;
  const prefix = isDag ? 'tasks' : 'steps';
  const outputs = makeOutputs(shop, prefix, calls);
  const template = {
    name,
    ...(takesParameter ? { inputs: { parameters: [{ name: 'x', value: 'd' }] } } : {}),
    // A daemon keeps its place as long as it runs: several in one template could use up all there are.
    ...(random.chance(0.25) && !calls.some(({ callee }) => callee.isDaemon)
      ? { parallelism: random.between(1, 3) }
      : {}),
    ...(shop.isWild && random.chance(0.25) ? { failFast: random.chance(0.7) } : {}),
    ...(random.chance(0.12) ? { retryStrategy: { ...makeRetry(shop), limit: '1' } } : {}),
    ...(outputs === undefined ? {} : { outputs }),
    ...body,
  };
  const size = calls.reduce((sum, { callee, rounds }) => sum + callee.size * rounds, 2);
  const output = outputs === undefined ? undefined : 'sum';
  return { template, size, takesParameter, result: 'none', output, isDaemon: false };
}

interface Surroundings {
  readonly calls: Call[];
  readonly takesParameter: boolean;
}

function makeSteps(shop: Workshop, known: readonly Callable[], around: Surroundings): Template {
  const steps: WorkflowStep[][] = [];
  const groups = shop.random.between(1, 4);
  for (let group = 0; group < groups; group += 1) {
    const before = [...around.calls];
    const width = shop.random.between(1, 3);
    const list: WorkflowStep[] = [];
    for (let index = 0; index < width; index += 1) {
      const callee = pickCallee(shop, known, around.calls);
      if (callee === undefined) break;
      list.push(makeCall(shop, { ...around, callee, before, prefix: 'steps' }));
    }
    if (list.length > 0) steps.push(list);
  }
  return { steps };
}

const CONDITIONS = ['Succeeded', 'Failed', 'Errored', 'Skipped', 'Omitted', 'Daemoned'];

function makeDag(shop: Workshop, known: readonly Callable[], around: Surroundings): Template {
  const { random } = shop;
  const tasks: DAGTask[] = [];
  const count = random.between(1, 7);
  const usesDepends = random.chance(0.6);
  for (let index = 0; index < count; index += 1) {
    const callee = pickCallee(shop, known, around.calls);
    if (callee === undefined) break;
    const earlier = around.calls.filter(() => random.chance(0.45)).slice(-3);
    const names = earlier.map(({ name }) => name);
    const call = makeCall(shop, { ...around, callee, before: earlier, prefix: 'tasks' });
    if (names.length === 0) tasks.push(call);
    else if (!usesDepends) tasks.push({ ...call, dependencies: names });
    else {
      // Conditions of its own exclude `continueOn`.
      const { continueOn: _, ...rest } = call;
      tasks.push({ ...rest, depends: makeDepends(shop, earlier) });
    }
  }
  // `depends` and `continueOn` exclude each other in the whole template.
  const bare = tasks.map(({ continueOn: _, ...rest }): DAGTask => rest);
  const target = random.chance(0.1) ? tasks[random.below(tasks.length)]?.name : undefined;
  return {
    dag: {
      tasks: usesDepends ? bare : tasks,
      ...(random.chance(0.15) ? { failFast: random.chance(0.5) } : {}),
      ...(target === undefined ? {} : { target }),
    },
  };
}

function makeDepends({ random }: Workshop, earlier: readonly Call[]): string {
  const terms = earlier.map(({ name, rounds }) => {
    const conditions = rounds > 1 ? [...CONDITIONS, 'AnySucceeded', 'AllFailed'] : CONDITIONS;
    const term = random.chance(0.4) ? name : `${name}.${random.pick(conditions)}`;
    const wide = random.chance(0.4) ? `(${name}.Succeeded || ${name}.Failed)` : term;
    return random.chance(0.1) ? `!${wide}` : wide;
  });
  return terms.reduce((left, right) => `${left} ${random.chance(0.7) ? '&&' : '||'} ${right}`);
}

interface CallSurroundings extends Surroundings {
  readonly callee: Callable;
  /** Calls that have ended for sure when this one begins. */
  readonly before: readonly Call[];
  readonly prefix: 'steps' | 'tasks';
}

function makeCall(shop: Workshop, around: CallSurroundings): WorkflowStep & DAGTask {
  const { random } = shop;
  const { callee, calls } = around;
  const name = `c${calls.length}`;
  const loop = callee.isDaemon ? undefined : makeLoop(shop, around);
  calls.push({ name, callee, rounds: loop?.rounds ?? 1 });
  const value = makeArgument(shop, around, loop !== undefined);
  const when = random.chance(0.2) ? makeWhen(shop, around, loop !== undefined) : undefined;
  const hooks = random.chance(0.12) ? makeHooks(shop, around, name) : undefined;
  return {
    name,
    template: callee.template.name,
    ...(callee.takesParameter ? { arguments: { parameters: [{ name: 'x', value }] } } : {}),
    ...loop?.fields,
    ...(when === undefined ? {} : { when }),
    ...(random.chance(0.35) ? { continueOn: { failed: true, error: random.chance(0.5) } } : {}),
    ...(hooks === undefined ? {} : { hooks }),
  };
}

interface Loop {
  readonly rounds: number;
  readonly fields: Pick<WorkflowStep, 'withItems' | 'withParam' | 'withSequence'>;
}

function makeLoop(shop: Workshop, { callee, before, prefix }: CallSurroundings): Loop | undefined {
  const { random } = shop;
  if (!random.chance(0.3)) return undefined;
  const rounds = Math.min(4, Math.max(1, Math.floor(SIZE_MAX / (2 * callee.size))));
  const list = before.find((call) => call.callee.result === 'list' && call.rounds === 1);
  if (list !== undefined && random.chance(0.5)) {
    return { rounds, fields: { withParam: `{{${prefix}.${list.name}.outputs.result}}` } };
  }
  switch (random.below(3)) {
    case 0:
      return { rounds, fields: { withSequence: { count: String(random.between(0, rounds)) } } };
    case 1: {
      const items = Array.from({ length: rounds }, (_, index) => index);
      return { rounds, fields: { withItems: items } };
    }
    default: {
      const items = Array.from({ length: rounds }, (_, index) => `i${index}`);
      return { rounds, fields: { withItems: items } };
    }
  }
}

/** Outputs of earlier calls that may be referred to. */
function references({ before, prefix }: CallSurroundings): readonly string[] {
  return before.flatMap(({ name, callee, rounds }) => [
    ...(rounds === 1 && callee.result !== 'none' ? [`{{${prefix}.${name}.outputs.result}}`] : []),
    ...(rounds === 1 && callee.output !== undefined
      ? [`{{${prefix}.${name}.outputs.parameters.${callee.output}}}`]
      : []),
  ]);
}

function makeArgument(shop: Workshop, around: CallSurroundings, isLoop: boolean): string {
  const options = ['constant', ...references(around)];
  if (isLoop) options.push('{{item}}', 'item-{{item}}');
  if (around.takesParameter) options.push('{{inputs.parameters.x}}');
  return shop.random.pick(options);
}

function makeWhen(shop: Workshop, around: CallSurroundings, isLoop: boolean): string {
  const options = ['true', '1 > 2'];
  if (isLoop) options.push('{{item}} == 1', "'{{item}}' != i1");
  for (const { name, rounds } of around.before) {
    if (rounds === 1) options.push(`{{${around.prefix}.${name}.status}} == Succeeded`);
  }
  for (const reference of references(around)) options.push(`'${reference}' == alpha`);
  return shop.random.pick(options);
}

function makeHooks(
  shop: Workshop,
  { prefix }: CallSurroundings,
  name: string,
): Record<string, LifecycleHook> {
  const template = shop.nextName('hook');
  shop.behaviours[template] = {
    failPercent: shop.random.pick([0, 30]),
    errorPercent: 0,
    hangs: false,
    durationMsMax: 500,
    result: 'none',
  };
  const hooks: Record<string, LifecycleHook> = {};
  if (shop.random.chance(0.7)) hooks['exit'] = { template };
  const status = shop.isWild && shop.random.chance(0.5) ? 'Running' : 'Failed';
  if (hooks['exit'] === undefined || shop.random.chance(0.5)) {
    hooks['watch'] = { template, expression: `${prefix}.${name}.status == "${status}"` };
  }
  shop.hookTemplates.push({ name: template, container: { image: 'alpine', command: ['notify'] } });
  return hooks;
}

function pickCallee(
  shop: Workshop,
  known: readonly Callable[],
  calls: readonly Call[],
): Callable | undefined {
  const used = calls.reduce((sum, { callee, rounds }) => sum + callee.size * rounds, 0);
  const fitting = known.filter(({ size }) => used + size <= SIZE_MAX);
  return fitting.length === 0 ? undefined : shop.random.pick(fitting);
}

function makeOutputs(
  shop: Workshop,
  prefix: 'steps' | 'tasks',
  calls: readonly Call[],
): Template['outputs'] | undefined {
  const source = calls.find(({ callee, rounds }) => callee.output !== undefined && rounds === 1);
  if (source === undefined || !shop.random.chance(0.6)) return undefined;
  const parameter = `{{${prefix}.${source.name}.outputs.parameters.${source.callee.output ?? ''}}}`;
  const fallback = shop.random.chance(0.7) ? { default: 'absent' } : {};
  return { parameters: [{ name: 'sum', valueFrom: { parameter, ...fallback } }] };
}
