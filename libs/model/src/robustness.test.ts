// Covers that nothing in a manifest, however odd, makes reading, merging or validation throw: parts of
// a manifest that uses most fields are removed or replaced at random (seeded; the seed is printed by
// the failing test's name). Leaves out what is said about them.
import { describe, expect, it } from 'vitest';
import {
  applySubmitOptions,
  createTemplateLookup,
  formatProblem,
  parseManifests,
  referencedTemplates,
  resolveWorkflowSpec,
  validateParsed,
} from './index.ts';

const MUTATIONS_PER_SEED = 100;
const TIMEOUT_MS = 60_000;

type Value = null | string | number | boolean | Value[] | { [key: string]: Value };

const container = {
  image: 'i',
  args: ['{{inputs.parameters.a}}'],
  env: [{ name: 'A', value: 'b' }],
};

const WORKFLOW: Value = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Workflow',
  metadata: { name: 'w', labels: { a: 'b' } },
  spec: {
    entrypoint: 'steps',
    onExit: 'leaf',
    hooks: { exit: { template: 'leaf' }, other: { template: 'dag', expression: 'true' } },
    arguments: {
      parameters: [{ name: 'p', value: 'x', enum: ['x', 'y'] }],
      artifacts: [{ name: 'f', raw: { data: 'd' } }],
    },
    templateDefaults: { timeout: '5m', container: { image: 'default' } },
    podGC: { strategy: 'OnPodCompletion', labelSelector: { matchLabels: { a: 'b' } } },
    metrics: {
      prometheus: [
        {
          name: 'n',
          help: 'h',
          labels: [{ key: 'k', value: 'v' }],
          gauge: { value: '1', realtime: true },
        },
      ],
    },
    executorPlugins: [
      { metadata: { name: 'x' }, spec: { sidecar: { container: { ports: [1] } } } },
    ],
    synchronization: { mutexes: [{ name: 'm' }], semaphores: [{ database: { key: 'k' } }] },
    templates: [
      {
        name: 'steps',
        steps: [
          [
            {
              name: 'one',
              template: 'leaf',
              arguments: { parameters: [{ name: 'a', value: '{{item.x}}' }] },
              withItems: [{ x: 1 }, 'y'],
              hooks: { exit: { template: 'leaf' } },
              when: '{{workflow.parameters.p}} == x',
            },
            { name: 'two', inline: { container } },
          ],
          [{ name: 'three', templateRef: { name: 'other', template: 'x' } }],
        ],
        outputs: {
          parameters: [{ name: 'o', valueFrom: { parameter: '{{steps.one.outputs.result}}' } }],
        },
      },
      {
        name: 'dag',
        dag: {
          target: 'b',
          tasks: [
            { name: 'a', template: 'leaf', withSequence: { count: 3 } },
            { name: 'b', template: 'leaf', depends: 'a.AnySucceeded || a.Failed' },
          ],
        },
      },
      {
        name: 'leaf',
        inputs: {
          parameters: [{ name: 'a', default: 'z' }],
          artifacts: [{ name: 'i', path: '/i', optional: true }],
        },
        container,
        retryStrategy: { limit: '3', backoff: { duration: '1s', factor: 2 } },
        outputs: { artifacts: [{ name: 'r', path: '/r', s3: { key: 'k' } }] },
        memoize: { key: 'k', cache: { configMap: { name: 'c' } } },
      },
      { name: 'set', containerSet: { containers: [{ name: 'main', dependencies: [] }] } },
      { name: 'make', resource: { action: 'create', manifest: 'a: b' } },
      { name: 'call', http: { url: 'x', headers: [{ name: 'h', value: 'v' }] } },
    ],
  },
};

const REPLACEMENTS: readonly Value[] = [
  null,
  '',
  'x',
  '{{',
  '{{inputs.parameters.{{x}}}}',
  '{{=',
  0,
  -1,
  1.5,
  true,
  [],
  {},
  [null],
  [[]],
  { name: null },
  { a: { b: 1 } },
  '__proto__',
  'constructor',
];

/** A small generator of numbers in [0, 1) that gives the same row for the same seed. */
function randomsOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Removes, replaces or copies one part of the value. */
function mutate(value: Value, random: () => number): Value {
  const copy = structuredClone(value);
  const places: { owner: Value[] | { [key: string]: Value }; key: string | number }[] = [];
  const visit = (node: Value): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push({ owner: node, key });
      visit((node as { [key: string]: Value })[key] ?? null);
    }
  };
  visit(copy);
  const place = places[Math.floor(random() * places.length)];
  if (place === undefined) return copy;
  const owner = place.owner as { [key: string | number]: Value };
  const choice = random();
  if (choice < 0.3) delete owner[place.key];
  else if (choice < 0.8) {
    owner[place.key] = REPLACEMENTS[Math.floor(random() * REPLACEMENTS.length)] ?? null;
  } else owner[REPLACEMENTS.length] = owner[place.key] ?? null;
  return copy;
}

function useEverything(text: string): number {
  const parsed = parseManifests(text, { requireName: false });
  const lookup = createTemplateLookup(parsed.manifests.map(({ manifest }) => manifest));
  let lines = parsed.problems.map(formatProblem).length;
  for (const each of parsed.manifests) {
    lines += validateParsed(each, { lookup }).map(formatProblem).length;
    if (each.manifest.kind !== 'Workflow') continue;
    referencedTemplates(each.manifest, lookup);
    resolveWorkflowSpec(each.manifest, lookup);
    applySubmitOptions(each.manifest, { parameters: { p: 'y' } });
  }
  return lines;
}

describe('odd manifests', () => {
  it('that are whole are read', () => {
    expect(useEverything(JSON.stringify(WORKFLOW))).toBeGreaterThan(0);
  });

  it.each([1, 2, 3, 4])('never make anything throw (seed %d)', { timeout: TIMEOUT_MS }, (seed) => {
    const random = randomsOf(seed);
    let lines = 0;
    for (let count = 0; count < MUTATIONS_PER_SEED; count += 1) {
      let value: Value = WORKFLOW;
      const steps = 1 + Math.floor(random() * 4);
      for (let step = 0; step < steps; step += 1) value = mutate(value, random);
      const text = JSON.stringify(value);
      try {
        lines += useEverything(text);
      } catch (thrown) {
        throw new Error(`manifest ${text}`, { cause: thrown });
      }
    }
    expect(lines).toBeGreaterThan(MUTATIONS_PER_SEED);
  });
});
