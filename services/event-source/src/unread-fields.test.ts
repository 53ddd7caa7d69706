// Covers which fields nobody looks at, and that the status of an EventSource tells them. Leaves out what each driver reads.
import { eventually } from '@argosy/testkit';
import { expect, test } from 'vitest';
import { startHarness } from './testing/harness.ts';
import { unreadFields } from './unread-fields.ts';

interface Settings {
  readonly name?: string;
  readonly auth?: { readonly token?: string };
  readonly items?: readonly { readonly key?: string }[];
}

function read(settings: unknown): void {
  const { name, auth, items = [] } = settings as Settings;
  JSON.stringify([name, auth?.token, items.map(({ key }) => key)]);
}

test('a field that nobody looks at is told by its path', () => {
  const settings = {
    name: 'a',
    nmae: 'b',
    auth: { token: 'c', user: { name: 'd' } },
    items: [{ key: 'e' }, { key: 'f', kex: 'g' }],
  };
  expect(unreadFields(settings, read)).toEqual(['nmae', 'auth.user', 'items[1].kex']);
  expect(unreadFields(Object.freeze({ name: 'a' }), read)).toEqual([]);
});

test('who copies or prints a part has looked at all of it', () => {
  const settings = { metadata: { team: 'x', tags: ['a'] }, labels: { one: '1' } };
  const all = (given: unknown): void => {
    const { metadata, labels } = given as Record<string, object>;
    JSON.stringify([metadata, Object.entries(labels ?? {})]);
  };
  expect(unreadFields(settings, all)).toEqual([]);
});

test('the status of an event source names the fields that have no effect, as long as they are there', async () => {
  await using harness = await startHarness();
  const interval = { interval: '1h', filter: { expression: 'true' }, metadata: { a: 'b' } };
  const spec = (settings: object): object => ({ spec: { calendar: { hourly: settings } } });
  await harness.apply('EventSource', 'clock', spec({ ...interval, timezome: 'UTC' }));
  await eventually(async () =>
    expect(await harness.condition('clock', 'FieldsRead')).toBe(
      'spec.calendar.hourly.timezome has no effect here',
    ),
  );
  expect(await harness.condition('clock', 'Deployed')).toBe('');
  await harness.apply('EventSource', 'clock', spec(interval));
  await eventually(async () => {
    expect(await harness.condition('clock', 'Deployed')).toBe('');
    expect(await harness.condition('clock', 'FieldsRead')).toBeUndefined();
  });
});
