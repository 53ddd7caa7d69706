import type { RetryStrategy, Template } from '@argosy/model';
import type { Random } from '../random.ts';
import type { Behaviour } from '../scenario.ts';

/** A template that can be called, with what its caller has to know. */
export interface Callable {
  readonly template: Template & { readonly name: string };
  /** Nodes that one call makes, about. */
  readonly size: number;
  readonly takesParameter: boolean;
  /** What `outputs.result` holds, if anything. */
  readonly result: Behaviour['result'];
  /** Name of an output parameter. */
  readonly output: string | undefined;
  /** It goes on in the background, so that only a Steps or DAG template may call it. */
  readonly isDaemon: boolean;
}

/** What the parts of a generator share. */
export interface Workshop {
  readonly random: Random;
  readonly isWild: boolean;
  /** A name that no other template has. */
  nextName(kind: string): string;
  readonly behaviours: Record<string, Behaviour>;
  /** Templates that hooks call. */
  readonly hookTemplates: Template[];
}

const SECOND_MS = 1_000;

/** A leaf: a pod, a script, a request, a set of containers, or a wait. */
// eslint-disable-next-line complexity -- one throw of the dice for each field
export function makeLeaf(shop: Workshop): Callable {
  const { random } = shop;
  const kind = random.below(20);
  if (kind === 0) return makeSuspension(shop);
  if (kind === 1) return makeDaemon(shop);
  const name = shop.nextName('leaf');
  const takesParameter = random.chance(0.5);
  const result = random.pick(['none', 'none', 'word', 'number', 'list'] as const);
  const hangs = random.chance(0.05);
  const output = random.chance(0.3) ? 'out' : undefined;
  const behaviour: Behaviour = {
    failPercent: random.pick([0, 0, 10, 40, 100]),
    errorPercent: random.pick([0, 0, 0, 20]),
    hangs,
    durationMsMax: random.pick([0, 20, SECOND_MS, 20 * SECOND_MS]),
    result,
  };
  shop.behaviours[name] = behaviour;
  const retryStrategy = random.chance(0.3) ? makeRetry(shop) : undefined;
  const template = {
    name,
    ...(takesParameter
      ? { inputs: { parameters: [{ name: 'x', ...(random.chance(0.5) ? { value: 'd' } : {}) }] } }
      : {}),
    ...(output === undefined ? {} : { outputs: { parameters: [makeOutput(shop, name)] } }),
    ...(retryStrategy === undefined ? {} : { retryStrategy }),
    ...(hangs ? makeDeadline(shop) : {}),
    ...makeBody(shop, takesParameter),
  };
  const size = retryStrategy === undefined ? 1 : 4;
  const isTold = template.script !== undefined || template.container !== undefined;
  const told = isTold ? result : 'none';
  return { template, size, takesParameter, result: told, output, isDaemon: false };
}

function makeBody({ random }: Workshop, takesParameter: boolean): Template {
  const argument = takesParameter ? '{{inputs.parameters.x}}' : 'x';
  switch (random.below(8)) {
    case 0:
      return { script: { image: 'alpine', command: ['sh'], source: `echo ${argument}` } };
    case 1:
      return { http: { url: `http://localhost/${argument}` } };
    case 2:
      return {
        containerSet: {
          containers: [
            { name: 'main', image: 'alpine', command: ['echo', argument] },
            { name: 'side', image: 'alpine', command: ['true'], dependencies: ['main'] },
          ],
        },
      } as Template;
    default:
      return { container: { image: 'alpine', command: ['echo'], args: [argument] } };
  }
}

function makeOutput(
  { random }: Workshop,
  template: string,
): {
  name: string;
  globalName?: string;
  valueFrom: { path: string; default?: string };
} {
  return {
    name: 'out',
    ...(random.chance(0.2) ? { globalName: `global-${template}` } : {}),
    valueFrom: { path: '/tmp/out', ...(random.chance(0.5) ? { default: 'none' } : {}) },
  };
}

/** What never ends by itself has to be ended. */
function makeDeadline({ random }: Workshop): Pick<Template, 'timeout' | 'activeDeadlineSeconds'> {
  return random.chance(0.5) ? { timeout: '90s' } : { activeDeadlineSeconds: 30 };
}

const EXPRESSIONS = [
  'asInt(lastRetry.exitCode) > 1',
  'lastRetry.status == "Error"',
  'lastRetry.status != "Error"',
];

export function makeRetry({ random }: Workshop): RetryStrategy {
  return {
    limit: String(random.below(4)),
    ...(random.chance(0.4)
      ? {
          retryPolicy: random.pick(['Always', 'OnFailure', 'OnError', 'OnTransientError'] as const),
        }
      : {}),
    ...(random.chance(0.4) ? { backoff: makeBackoff(random) } : {}),
    ...(random.chance(0.2) ? { expression: random.pick(EXPRESSIONS) } : {}),
  };
}

function makeBackoff(random: Random): NonNullable<RetryStrategy['backoff']> {
  return {
    duration: random.pick(['1', '5s', '1m']),
    ...(random.chance(0.5) ? { factor: '2' } : {}),
    ...(random.chance(0.2) ? { cap: '1m' } : {}),
    ...(random.chance(0.2) ? { maxDuration: '10h' } : {}),
  } as NonNullable<RetryStrategy['backoff']>;
}

function makeSuspension(shop: Workshop): Callable {
  const name = shop.nextName('wait');
  const duration = shop.random.pick([undefined, '1', '30s']);
  const template = { name, suspend: duration === undefined ? {} : { duration } };
  return plainCallable(template, 'none');
}

function makeDaemon(shop: Workshop): Callable {
  const name = shop.nextName('daemon');
  const retryStrategy = shop.random.chance(0.3) ? { limit: '2' } : undefined;
  const template = {
    name,
    daemon: true,
    ...(retryStrategy === undefined ? {} : { retryStrategy }),
    container: { image: 'alpine', command: ['serve'] },
  };
  return { ...plainCallable(template, 'none'), isDaemon: true };
}

function plainCallable(template: Callable['template'], result: Behaviour['result']): Callable {
  return { template, size: 1, takesParameter: false, result, output: undefined, isDaemon: false };
}
