// Covers resource templates over a client in memory: actions, conditions, outputs, repetition after a crash. Leaves
// out the client that speaks to the gateway, which test/e2e covers.
import { tmpdir } from 'node:os';
import { ArgosyError } from '@argosy/base';
import type { ResourceTemplate, Template } from '@argosy/model';
import { beforeEach, expect, test } from 'vitest';
import { createTestIo, describeRunnerContract, testTask } from '../testing/index.ts';
import type { RunnerTask, TaskOutcome } from '../types.ts';
import type { ResourceClient, ResourceObject, ResourceReference } from './resource-client.ts';
import { createResourceRunner } from './resource-runner.ts';

const objects = new Map<string, ResourceObject>();
let creations = 0;

const keyOf = ({ kind, namespace, name }: ResourceReference): string =>
  `${kind}/${namespace}/${name}`;
const keyOfObject = ({ kind, metadata }: ResourceObject): string =>
  keyOf({ kind, namespace: metadata.namespace ?? '', name: metadata.name ?? '' });

const client: ResourceClient = {
  create: (object) => {
    if (objects.has(keyOfObject(object))) {
      return Promise.reject(new ArgosyError('ALREADY_EXISTS', 'it is there already'));
    }
    creations += 1;
    objects.set(keyOfObject(object), object);
    return Promise.resolve(object);
  },
  apply: (object) => {
    objects.set(keyOfObject(object), object);
    return Promise.resolve(object);
  },
  get: (reference) => Promise.resolve(objects.get(keyOf(reference))),
  delete: (reference) => {
    if (objects.delete(keyOf(reference))) return Promise.resolve();
    return Promise.reject(new ArgosyError('NOT_FOUND', 'it is not there'));
  },
};

beforeEach(() => {
  objects.clear();
  creations = 0;
});

function run(
  resource: ResourceTemplate,
  more: Template = {},
  changes: Partial<RunnerTask> = {},
): Promise<TaskOutcome> {
  const { io } = createTestIo({ directory: tmpdir() });
  return createResourceRunner(client).run(testTask({ resource, ...more }, changes), io);
}

const thing = (name: string, more = ''): string =>
  `kind: Thing\nmetadata: {name: ${name}}\n${more}`;
const stored = (name: string): ResourceObject | undefined => objects.get(`Thing/default/${name}`);

describeRunnerContract('resource', () =>
  Promise.resolve({
    runner: createResourceRunner(client),
    newDirectory: () => Promise.resolve(tmpdir()),
    succeeding: () => ({ resource: { action: 'create', manifest: thing(`a${creations}`) } }),
    failing: () => ({
      resource: { action: 'apply', manifest: thing('b', 'n: 1'), failureCondition: 'n == 1' },
    }),
    broken: () => ({ resource: { action: 'create', manifest: '[' } }),
    endless: () => ({
      resource: { action: 'apply', manifest: thing('c'), successCondition: 'never' },
    }),
    hasResult: false,
  }),
);

test('create makes the object in the namespace of the workflow', async () => {
  expect(await run({ action: 'create', manifest: thing('a') })).toMatchObject({
    phase: 'Succeeded',
  });
  expect(stored('a')).toMatchObject({ kind: 'Thing', metadata: { name: 'a' } });
});

test('a repetition of the same task takes the object that it has made already', async () => {
  const manifest = 'kind: Thing\nmetadata: {generateName: t-}';
  const task = { taskId: 'uid_1_0' };
  expect((await run({ action: 'create', manifest }, {}, task)).phase).toBe('Succeeded');
  expect((await run({ action: 'create', manifest }, {}, task)).phase).toBe('Succeeded');
  expect(creations).toBe(1);
  await run({ action: 'create', manifest }, {}, { taskId: 'uid_2_0' });
  expect(creations).toBe(2);
});

test('create is an Error where another has made an object of that name', async () => {
  await run({ action: 'create', manifest: thing('a') });
  expect(await run({ action: 'create', manifest: thing('a') })).toMatchObject({
    phase: 'Error',
    message: 'it is there already',
  });
});

test('a success condition is waited for, with paths as its keys', async () => {
  const outcome = run({
    action: 'create',
    manifest: thing('a'),
    successCondition: 'status.phase == Succeeded, status.ready > 1',
    failureCondition: 'status.phase in (Failed, Error)',
  });
  await expect.poll(() => stored('a')).toBeDefined();
  const status = { phase: 'Succeeded', ready: 2 };
  objects.set('Thing/default/a', { ...(stored('a') as ResourceObject), status });
  expect((await outcome).phase).toBe('Succeeded');
});

test('one failure condition that holds fails the node', async () => {
  const manifest = thing('a', 'status: {phase: Error}');
  const failureCondition = 'status.phase in (Failed,Error)';
  expect(await run({ action: 'apply', manifest, failureCondition })).toMatchObject({
    phase: 'Failed',
    message: "failure condition 'status.phase in (Failed,Error)' evaluated true",
  });
});

test('an object that vanishes while it is waited for is an Error', async () => {
  const outcome = run({ action: 'create', manifest: thing('a'), successCondition: 'done' });
  await expect.poll(() => stored('a')).toBeDefined();
  objects.clear();
  expect(await outcome).toMatchObject({
    phase: 'Error',
    message: 'Resource a in namespace default has been deleted somehow',
  });
});

test('outputs are taken by jsonPath and jqFilter; a default stands in', async () => {
  const outputs = {
    parameters: [
      { name: 'name', valueFrom: { jsonPath: '{.metadata.name}' } },
      { name: 'bare', valueFrom: { jsonPath: 'spec.n' } },
      { name: 'sum', valueFrom: { jqFilter: '.spec.list | add' } },
      { name: 'none', valueFrom: { jsonPath: '{.nope}', default: '-' } },
    ],
  };
  const manifest = thing('a', 'spec: {n: 7, list: [1, 2]}');
  expect((await run({ action: 'get', manifest }, { outputs })).message).toContain('there is no');
  await run({ action: 'create', manifest });
  const outcome = await run({ action: 'get', manifest: thing('a') }, { outputs });
  expect(outcome.parameters).toEqual({ name: 'a', bare: '7', sum: '3', none: '-' });
});

test('patch merges, null removes; replace writes anew; delete removes', async () => {
  await run({ action: 'create', manifest: thing('a', 'spec: {x: 1, y: 2}') });
  await run({ action: 'patch', manifest: thing('a', 'spec: {y: null, z: 3}') });
  expect(stored('a')?.['spec']).toEqual({ x: 1, z: 3 });
  await run({ action: 'replace', manifest: thing('a', 'spec: {}') });
  expect(stored('a')?.['spec']).toEqual({});
  await run({ action: 'delete', manifest: thing('a') });
  expect(stored('a')).toBeUndefined();
  expect((await run({ action: 'delete', manifest: thing('a') })).phase).toBe('Error');
});

test.each([
  ['two objects', 'kind: A\n---\nkind: B', 'must hold exactly one object'],
  ['no kind', 'metadata: {name: a}', 'has no kind'],
  ['no name', 'kind: A', 'has neither metadata.name nor metadata.generateName'],
])('a manifest with %s is an Error that says so', async (_, manifest, message) => {
  expect(await run({ action: 'create', manifest })).toMatchObject({
    phase: 'Error',
    message: `resource.manifest ${message}`,
  });
});

test('a condition that cannot be read is an Error that names the field', async () => {
  const outcome = await run({ action: 'get', manifest: thing('a'), successCondition: 'a b c' });
  expect(outcome.message).toContain('resource.successCondition');
});
