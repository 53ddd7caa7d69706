// Covers what mocks, events, settings and expectations mean, on the real engine. Leaves out the format of the file,
// the reports and the command line.
import { describe, expect, it } from 'vitest';
import { playCases, type CaseResult } from './cases.ts';
import type { Setting } from './format.ts';
import { readManifests } from './manifests.ts';
import { readSimulation } from './read.ts';

const WORKFLOW = `
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: { generateName: flow- }
spec:
  entrypoint: main
  arguments: { parameters: [{ name: mode, value: fast }] }
  templates:
    - name: main
      steps:
        - - { name: first, template: make }
        - - name: each
            template: use
            withParam: '{{steps.first.outputs.result}}'
            arguments: { parameters: [{ name: word, value: '{{item}}' }] }
        - - { name: gate, template: gate, when: '{{workflow.parameters.mode}} == slow' }
        - - { name: last, template: unsteady }
    - name: make
      metadata: { labels: { role: maker } }
      script: { image: a, command: [sh], source: x }
      outputs:
        parameters: [{ name: size, valueFrom: { path: /size } }]
        artifacts: [{ name: report, path: /report }]
    - name: use
      inputs: { parameters: [{ name: word }] }
      container: { image: a, command: [x] }
    - name: gate
      suspend: {}
      outputs: { parameters: [{ name: said, valueFrom: { supplied: {} } }] }
    - name: unsteady
      retryStrategy: { limit: 2, backoff: { duration: 10s } }
      container: { image: a, command: [x] }
`;

const MAKE = '{ template: make, result: [a, b], outputs: { size: 2 } }';

function play(simulation: string, overrides: Setting = {}, manifests = WORKFLOW): CaseResult[] {
  const texts = [{ file: 'flow.yaml', text: manifests }];
  return [
    ...playCases(readSimulation('m.yaml', simulation), readManifests(texts), {
      overrides,
      namespace: undefined,
      nowMs: () => 0,
    }),
  ];
}

function playOne(simulation: string, overrides: Setting = {}, manifests = WORKFLOW): CaseResult {
  const [only, ...others] = play(simulation, overrides, manifests);
  expect(others).toEqual([]);
  return only as CaseResult;
}

function failuresOf(simulation: string): readonly string[] {
  return playOne(simulation).failures;
}

describe('a mock', () => {
  it('gives results, output parameters and artifacts to those that come after', () => {
    const { played, failures } = playOne(`
mocks:
  - ${MAKE}
expect:
  phase: Succeeded
  nodes:
    first: { outputs: { size: '2' }, result: '["a","b"]', exitCode: 0 }
    each(1:b): { inputs: { word: b } }
    gate: Skipped
`);
    expect(failures).toEqual([]);
    const nodes = Object.values(played.workflow.status?.nodes ?? {});
    const first = nodes.find(({ displayName }) => displayName === 'first');
    expect(first?.outputs?.artifacts).toMatchObject([{ name: 'report' }]);
  });

  it('means nodes by template, name, full name, labels and inputs, and the first one counts', () => {
    const { played } = playOne(`
mocks:
  - { labels: { role: maker }, result: [a, b, c], outputs: { size: 1 } }
  - { inputs: { word: b }, message: by input, phase: Failed }
  - { node: 'flow-sim*.each(0:a)', message: by full name }
  - { name: each*, message: by name }
  - { template: use, message: too late }
`);
    const nodes = Object.values(played.workflow.status?.nodes ?? {});
    const messages = nodes
      .filter(({ templateName, type }) => templateName === 'use' && type === 'Pod')
      .map((node) => `${node.displayName} ${node.message}`);
    expect(messages).toEqual(['each(0:a) by full name', 'each(1:b) by input', 'each(2:c) by name']);
  });

  it('gives one outcome after the other to the attempts, and the last one stays', () => {
    const [two, all] = play(`
mocks:
  - ${MAKE}
cases:
  - case: twice
    mocks: [{ template: unsteady, duration: 5s, attempts: [{ exitCode: 1 }, { phase: Succeeded }] }]
    expect:
      duration: 20s
      nodes: { last: { phase: Succeeded, attempts: 2 }, 'last(0)': Failed }
  - case: always
    mocks: [{ name: last, attempts: [{ exitCode: 7 }] }]
    expect: { phase: Failed, nodes: { last: { phase: Failed, attempts: 3 } } }
`);
    expect(two?.failures).toEqual([]);
    expect(all?.failures).toEqual([]);
  });

  it('without a value for an output file makes the node fail, as the file would be missing', () => {
    const { failures, warnings } = playOne(`
mocks: [{ template: make }]
expect: { phase: Failed, nodes: { first: { phase: Error, message: '/no value for output/' } } }
`);
    expect(failures).toEqual([]);
    expect(warnings).toEqual([
      'first: its result is used; say in a mock what it is',
      'first: the simulation has no value for output parameter "size": add it to a mock',
    ]);
  });

  it('is not needed for a daemon, which runs and can be reached until what encloses it ends', () => {
    const manifest = `
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: { name: served }
spec:
  entrypoint: main
  templates:
    - name: main
      steps:
        - - { name: server, template: server }
        - - name: client
            template: client
            arguments: { parameters: [{ name: ip, value: '{{steps.server.ip}}' }] }
    - { name: server, daemon: true, container: { image: a, command: [x] } }
    - name: client
      inputs: { parameters: [{ name: ip }] }
      container: { image: a, command: [x] }
`;
    const { failures } = playOne(
      `
mocks: [{ template: client, duration: 5m }]
expect:
  phase: Succeeded
  duration: 5m
  nodes: { client: { inputs: { ip: 10.0.0.1 } }, server: Succeeded }
`,
      {},
      manifest,
    );
    expect(failures).toEqual([]);
  });

  it('that stays leaves the run running, and the warning says where', () => {
    const { failures, warnings } = playOne(`
mocks:
  - ${MAKE}
  - { template: unsteady, stays: Running }
`);
    expect(failures).toEqual(['phase: expected Succeeded, found Running']);
    expect(warnings).toEqual([
      'the run comes to no end; it stays Running: last(0) (say in a mock how it goes on)',
    ]);
  });

  it('answers suspended nodes after a time with outputs, or lets them fail', () => {
    const [answered, refused, silent] = play(`
parameters: { mode: slow }
mocks: [${MAKE}]
cases:
  - case: yes
    mocks: [{ name: gate, duration: 1h, outputs: { said: go } }]
    expect: { phase: Succeeded, duration: 1h, nodes: { gate: { outputs: { said: go } } } }
  - case: no
    mocks: [{ name: gate, phase: Failed, message: not today }]
    expect: { phase: Failed, nodes: { gate: { phase: Failed, message: not today } } }
  - case: nobody
    expect: { phase: Running, nodes: { gate: Running } }
`);
    for (const result of [answered, refused, silent]) expect(result?.failures).toEqual([]);
    expect(silent?.warnings).toEqual([]);
  });

  it('that is never used, and an output that is not declared, are warned of', () => {
    const [{ warnings } = { warnings: [] }] = play(`
mocks:
  - { template: mkae }
  - { template: make, result: [], outputs: { size: 1, colour: red } }
`);
    expect(warnings).toEqual([
      'template make has no output parameter "colour"',
      'the mock of template mkae was never used',
    ]);
  });

  it('is needed for every leaf of a strict simulation', () => {
    expect(failuresOf(`{ strict: true, mocks: [${MAKE}] }`)).toEqual([
      'no mock says how each(0:a) ends',
      'no mock says how each(1:b) ends',
      'no mock says how last(0) ends',
    ]);
  });
});

describe('an event', () => {
  it('happens at its virtual time', () => {
    expect(
      failuresOf(`
mocks: [${MAKE}, { template: use, duration: 1h }]
events: [{ at: 10m, do: stop }]
expect: { phase: Failed, duration: 10m, never: [last] }
`),
    ).toEqual([]);
  });

  it('suspends and resumes: what would be started meanwhile waits', () => {
    expect(
      failuresOf(`
mocks: [${MAKE}, { template: use, duration: 1m }]
events: [{ at: 30s, do: suspend }, { at: 5m, do: resume }]
expect: { phase: Succeeded, duration: 5m }
`),
    ).toEqual([]);
  });

  it('at the end retries by hand what failed', () => {
    expect(
      failuresOf(`
mocks:
  - ${MAKE}
  - { inputs: { word: b }, attempts: [{ exitCode: 1 }, { phase: Succeeded }] }
events: [{ at: end, do: retry }]
expect: { phase: Succeeded, nodes: { each(1:b): Succeeded } }
`),
    ).toEqual([]);
  });

  it('that the engine refuses fails the case', () => {
    expect(failuresOf(`{ mocks: [${MAKE}], events: [{ at: end, do: retry }] }`)).toEqual([
      expect.stringMatching(/^Retry after 0s was refused: /) as string,
    ]);
  });
});

describe('an expectation that does not hold is told in a sentence:', () => {
  it.each([
    ['phase: Failed', 'phase: expected Failed, found Succeeded'],
    ['message: /boom/', 'message: expected /boom/, found ""'],
    ['progress: 1/2', 'progress: expected 1/2, found 4/4'],
    ['outputs: { a: b }', 'outputs.a: expected b, found none'],
    ['nodes: { last: Failed }', 'nodes.last.phase: expected Failed, found Succeeded'],
    ['nodes: { lost: Failed }', /^nodes\.lost: there is none among flow-sim, \[0\], first/],
    ['nodes: { each*: { count: 1 } }', 'nodes.each*: expected 1 of them, found 2'],
    ['nodes: { last: { attempts: 2 } }', 'nodes.last.attempts: expected 2, found 1'],
    ['nodes: { first: { result: x } }', /^nodes\.first\.result: expected x, found "\[/],
    ['never: [first]', 'never: first ran (Succeeded)'],
    ['order: [last, first]', 'order: first began before last had ended'],
    ['order: [[first, gate]]', 'order: gate did not run'],
    ['maxParallel: 1', 'maxParallel: expected at most 1 tasks at the same time, found 2'],
    ['duration: 1m', 'duration: expected 1m0s, found 5s'],
    ['duration: { min: 6s, max: 9s }', 'duration: expected at least 6s and at most 9s, found 5s'],
  ])('%s', (wanted, failure) => {
    const text = `
mocks: [${MAKE}, { template: use, duration: 5s }]
expect: { ${wanted} }
`;
    const found = failuresOf(text);
    expect(found).toHaveLength(1);
    if (typeof failure === 'string') expect(found[0]).toBe(failure);
    else expect(found[0]).toMatch(failure);
  });

  it('without any, the run has to succeed', () => {
    expect(failuresOf('mocks: [{ template: make, exitCode: 1 }]')).toEqual([
      expect.stringMatching(/^phase: expected Succeeded, found Failed/) as string,
    ]);
  });

  it('a regular expression that is none is refused with its place', () => {
    expect(() => play('expect:\n  message: /(/\n')).toThrow(
      /^m\.yaml:2:3: \/\(\/ is no regular expression: .* \(expect\.message\)$/,
    );
  });
});

describe('what is run', () => {
  const TEMPLATE = WORKFLOW.replace('kind: Workflow', 'kind: WorkflowTemplate').replace(
    '{ generateName: flow- }',
    '{ name: stored }',
  );

  it('may be a template, by reference', () => {
    const { played, failures } = playOne(`mocks: [${MAKE}]`, {}, TEMPLATE);
    expect(failures).toEqual([]);
    expect(played.workflow.spec.workflowTemplateRef).toEqual({ name: 'stored' });
  });

  it('has to be named where there is a choice', () => {
    const two = `${TEMPLATE}---\n${TEMPLATE.replace('stored', 'other')}`;
    expect(() => play('', {}, two)).toThrow(
      'there is workflowtemplate/stored, workflowtemplate/other in the files: name what is',
    );
    const from = 'workflowtemplate/other';
    const { played } = playOne(`mocks: [${MAKE}]`, { from }, two);
    expect(played.workflow.metadata.name).toBe('other-sim');
    expect(() => play('from: workflow/none', {}, two)).toThrow('"workflow/none" is not there');
  });

  it('is validated before, with the place of what is wrong', () => {
    const wrong = WORKFLOW.replace('template: unsteady', 'template: steady');
    expect(() => play('', {}, wrong)).toThrow(/^flow\.yaml:\d+:\d+: .*steady/);
  });

  it('begins at the given instant, with arguments and config maps of the case over the file’s', () => {
    const manifest = WORKFLOW.replace(
      '{ name: mode, value: fast }',
      '{ name: mode, valueFrom: { configMapKeyRef: { name: settings, key: mode } } }',
    );
    const [ofFile, ofCase] = play(
      `
start: 2031-05-01T00:00:00Z
configMaps: { settings: { mode: fast } }
mocks: [${MAKE}]
cases:
  - { case: a, expect: { nodes: { gate: Skipped } } }
  - case: b
    configMaps: { settings: { mode: slow } }
    mocks: [{ name: gate, outputs: { said: x } }]
    expect: { nodes: { gate: Succeeded } }
`,
      {},
      manifest,
    );
    expect(ofFile?.failures).toEqual([]);
    expect(ofCase?.failures).toEqual([]);
    expect(ofFile?.played.workflow.metadata.creationTimestamp).toBe('2031-05-01T00:00:00Z');
  });
});

describe('locks, caches and metrics', () => {
  const LOCKED = `
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: { name: locked }
spec:
  entrypoint: main
  templates:
    - name: main
      dag:
        tasks:
          - { name: a, template: shared }
          - { name: b, template: shared }
          - { name: c, template: alone }
          - { name: d, template: cached }
    - name: shared
      synchronization:
        semaphores: [{ configMapKeyRef: { name: limits, key: places } }]
      container: { image: a, command: [x] }
    - name: alone
      synchronization: { mutexes: [{ name: only }] }
      metrics:
        prometheus:
          - name: waited
            help: h
            labels: [{ key: phase, value: '{{status}}' }]
            gauge: { value: '7' }
      container: { image: a, command: [x] }
    - name: cached
      memoize: { key: k, maxAge: 1h, cache: { configMap: { name: results } } }
      container: { image: a, command: [x] }
      outputs: { parameters: [{ name: out, valueFrom: { path: /out } }] }
`;
  const MOCKS = `
mocks:
  - { template: shared, duration: 10s }
  - { template: alone, duration: 1s }
  - { template: cached, outputs: { out: new } }
`;

  it('semaphores have the limits of config maps', () => {
    const [one, two] = play(
      `${MOCKS}
cases:
  - { case: one, configMaps: { limits: { places: 1 } }, expect: { duration: 20s } }
  - { case: two, configMaps: { limits: { places: 2 } }, expect: { duration: 10s } }
`,
      {},
      LOCKED,
    );
    expect(one?.failures).toEqual([]);
    expect(two?.failures).toEqual([]);
  });

  it('locks that others hold are waited for', () => {
    const [waits, stays] = play(
      `${MOCKS}
configMaps: { limits: { places: 2 } }
cases:
  - case: waits
    held: [{ mutex: only, for: 1m }, { semaphore: limits/places, for: 5s }]
    expect: { duration: 61s, phase: Succeeded }
  - case: stays
    held: [{ mutex: only }]
    expect:
      phase: Running
      nodes: { c: { phase: Pending, message: /Waiting for default.Mutex.only lock/ } }
`,
      {},
      LOCKED,
    );
    expect(waits?.failures).toEqual([]);
    expect(stays?.failures).toEqual([]);
  });

  it('remembered results are found unless they are too old', () => {
    const [found, old] = play(
      `${MOCKS}
configMaps: { limits: { places: 2 } }
cases:
  - case: found
    memo: { results: { k: { outputs: { out: old }, age: 59m } } }
    expect: { nodes: { d: { memoized: true, outputs: { out: old } } } }
  - case: old
    memo: { results: { k: { outputs: { out: old }, age: 2h } } }
    expect: { nodes: { d: { memoized: false, outputs: { out: new } } } }
`,
      {},
      LOCKED,
    );
    expect(found?.failures).toEqual([]);
    expect(old?.failures).toEqual([]);
  });

  it('metrics are told with values and labels', () => {
    const expected = (wanted: string): readonly string[] =>
      playOne(
        `${MOCKS}
configMaps: { limits: { places: 2 } }
expect: { metrics: { ${wanted} } }
`,
        {},
        LOCKED,
      ).failures;
    expect(expected('waited: 7')).toEqual([]);
    expect(expected('waited: { value: 7, labels: { phase: Succeeded } }')).toEqual([]);
    expect(expected('waited: 8')).toEqual(['metrics.waited: expected 8, found 7']);
    expect(expected('waited: { labels: { phase: Failed } }')).toEqual([
      'metrics.waited: none was told',
    ]);
  });
});

it('the same case comes to the same workflow every time', () => {
  const text = `mocks: [${MAKE}, { template: unsteady, duration: 3s, attempts: [{ exitCode: 1 }, {}] }]`;
  expect(playOne(text).played.workflow).toEqual(playOne(text).played.workflow);
});
