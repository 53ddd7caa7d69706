// Covers what becomes of a run whose next facts no message can hold: it ends in Error with a message, and its commands are
// not tried again for ever. On the bus in memory. Leaves out the limits of tasks (scheduler.test.ts).
import { randomBytes } from 'node:crypto';
import { factSubject, STREAMS } from '@argosy/api';
import { partitionOf } from '@argosy/base';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createHarness, leafTemplate, type Harness } from './testing/harness.ts';

// Megabytes are parsed, compressed and stored here.
vi.setConfig({ testTimeout: 60_000 });

let harness: Harness;

beforeEach(async () => {
  harness = createHarness();
  await harness.start('one');
});

afterEach(() => harness.stop());

/** Text that cannot be compressed below three quarters of its length. */
const random = (length: number): string => randomBytes((length / 4) * 3).toString('base64');

/** A text that is repeated at a distance that DEFLATE does not see. */
const item = `{{workflow.parameters.large}}`;

it('a manifest that is too large with all that belongs to it gives a run in Error that says so', async () => {
  const spec = {
    entrypoint: 'leaf',
    templates: [leafTemplate],
    arguments: { parameters: [{ name: 'large', value: random(6_800_000) }] },
  };
  await harness.submit('u1', 'wf', spec);
  const { phase, message } = await harness.ended('wf');
  expect(phase).toBe('Error');
  expect(message).toMatch(/^what happened next has \d+ bytes even when compressed, and the most/);
});

it('a loop whose items are too large ends a run in Error, and terminates what still runs', async () => {
  harness.answerTasks((task) => (task.displayName === 'stays' ? undefined : {}));
  const steps = [
    [{ name: 'first', template: 'leaf' }],
    [{ name: 'each', template: 'leaf', withItems: Array.from({ length: 16 }, () => item) }],
  ];
  const spec = {
    entrypoint: 'main',
    arguments: { parameters: [{ name: 'large', value: random(1_000_000) }] },
    templates: [
      {
        name: 'main',
        dag: {
          tasks: [
            { name: 'stays', template: 'leaf' },
            { name: 'loop', template: 'loop' },
          ],
        },
      },
      { name: 'loop', steps },
      leafTemplate,
    ],
  };
  expect(await harness.submit('u1', 'wf', spec)).toBe('accepted');
  const { phase, message } = await harness.ended('wf');
  expect(phase).toBe('Error');
  expect(message).toContain('bytes even when compressed');
  expect(harness.ran.map(({ displayName }) => displayName).sort()).toEqual(['first', 'stays']);
});

it('a header of repeated text is kept compressed, and the run goes its way', async () => {
  const value = 'the same words again and again. '.repeat(150_000);
  const spec = {
    entrypoint: 'leaf',
    templates: [leafTemplate],
    arguments: { parameters: [{ name: 'large', value }] },
  };
  expect(await harness.submit('u1', 'wf', spec)).toBe('accepted');
  expect((await harness.ended('wf')).phase).toBe('Succeeded');
  const subject = factSubject(partitionOf('u1', 2), 'u1');
  const [first] = await all(harness.bus.read(STREAMS.facts, subject));
  expect(first?.event.data.length).toBeLessThan(value.length / 20);
});

async function all<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const list: Item[] = [];
  for await (const each of items) list.push(each);
  return list;
}
