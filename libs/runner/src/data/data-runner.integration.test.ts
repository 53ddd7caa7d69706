// Covers data templates over a store in memory: listing, transformations in series, what goes wrong.
import { tmpdir } from 'node:os';
import type { DataTemplate } from '@argosy/model';
import { expect, test } from 'vitest';
import { createArtifactAccess } from '../artifacts/artifact-access.ts';
import { createTestIo, testTask } from '../testing/index.ts';
import type { TaskOutcome } from '../types.ts';
import { createDataRunner } from './data-runner.ts';

const NAMES = ['default/logs/a.log', 'default/logs/b.log', 'default/logs/c.txt', 'other/logs/x'];

function run(data: DataTemplate): Promise<TaskOutcome> {
  const { io } = createTestIo({ directory: tmpdir() });
  const store = {
    put: () => Promise.resolve(),
    get: () => Promise.resolve(undefined),
    list: (prefix: string) => Promise.resolve(NAMES.filter((name) => name.startsWith(prefix))),
  };
  const artifacts = createArtifactAccess({ store, resources: io.resources });
  const runner = createDataRunner();
  expect(runner.supports({ data })).toBe(true);
  return runner.run(testTask({ data }), { ...io, artifacts });
}

const under = (key: string): DataTemplate['source'] => ({
  artifactPaths: { name: 'logs', s3: { key } },
});

test('artifactPaths lists the keys below its own, of this namespace alone', async () => {
  const outcome = await run({ source: under('logs/'), transformation: [{ expression: 'data' }] });
  expect(JSON.parse(outcome.result ?? '')).toEqual(['logs/a.log', 'logs/b.log', 'logs/c.txt']);
});

test('transformations are done in series, each with the outcome of the one before as data', async () => {
  const outcome = await run({
    source: { artifactPaths: { name: 'all' } },
    transformation: [
      { expression: 'filter(data, {# endsWith ".log"})' },
      { expression: 'map(data, {{"key": #, "n": len(#)}})' },
    ],
  });
  expect(JSON.parse(outcome.result ?? '')).toEqual([
    { key: 'logs/a.log', n: 10 },
    { key: 'logs/b.log', n: 10 },
  ]);
});

test('a text is a JSON text in the result', async () => {
  const outcome = await run({
    source: under('logs/'),
    transformation: [{ expression: 'data[0]' }],
  });
  expect(outcome.result).toBe('"logs/a.log"');
});

test('an expression that fails is an Error that quotes it', async () => {
  const outcome = await run({ source: under('x'), transformation: [{ expression: 'data.nope(' }] });
  expect(outcome.phase).toBe('Error');
  expect(outcome.message).toContain('data.transformation "data.nope("');
});

test('a source that is not artifactPaths is an Error that says so', async () => {
  const outcome = await run({ source: {}, transformation: [] });
  expect(outcome).toMatchObject({
    phase: 'Error',
    message: 'data.source must be artifactPaths',
  });
});
