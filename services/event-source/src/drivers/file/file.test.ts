// Covers the file source on a real directory of this machine, through the service on a bus in memory: each
// operation, names, metadata, polling, restarts, a directory that is away. Leaves out what is concluded from two
// looks (directory/changes.test.ts) and which names are meant (core-events).
import { chmod, mkdir, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createMemoryBus } from '@argosy/bus';
import { eventually, temporaryDirectory, type TemporaryDirectory } from '@argosy/testkit';
import { describe, expect, test } from 'vitest';
import { dataOf, startHarness, type Harness } from '../../testing/harness.ts';
import { createFileDriver } from './driver.ts';

interface Rig extends AsyncDisposable {
  readonly harness: Harness;
  readonly directory: TemporaryDirectory;
  readonly path: (name: string) => string;
  told(): Promise<readonly (readonly [unknown, unknown])[]>;
}

/** A service that watches a new directory, once it has taken note of what is there. */
async function watching(settings: object, files: readonly string[] = []): Promise<Rig> {
  const directory = await temporaryDirectory();
  const path = (name: string): string => join(directory.path, name);
  for (const name of files) await writeFile(path(name), 'old');
  const harness = await startHarness();
  const rig: Rig = {
    harness,
    directory,
    path,
    async told() {
      const events = await harness.events();
      return events.map((event) => [dataOf(event)['op'], dataOf(event)['name']]);
    },
    async [Symbol.asyncDispose]() {
      await harness[Symbol.asyncDispose]();
      await directory.remove();
    },
  };
  await declare(harness, directory.path, settings);
  return rig;
}

async function declare(harness: Harness, directory: string, settings: object): Promise<void> {
  const watchPathConfig = { directory: `${directory}/`, pathRegexp: '[.]txt$' };
  const spec = { file: { example: { watchPathConfig, ...settings } } };
  await harness.apply('EventSource', 'files', { spec });
  await eventually(() => hasCheckpoint(harness));
}

async function hasCheckpoint({ bus }: Harness): Promise<boolean> {
  const bucket = await bus.keyValue('sensor-state');
  return (await bucket.get('checkpoint.default.files.example')) !== undefined;
}

test('settings that are wrong are told by field', () => {
  const problems = (value: unknown): string => createFileDriver().problems(value).join('; ');
  const watchPathConfig = { directory: '/data/', path: 'x.txt' };
  expect(problems({ watchPathConfig, eventType: 'CREATE' })).toBe('');
  expect(problems({ watchPathConfig })).toContain('eventType must be one of CREATE');
  expect(problems({ watchPathConfig, eventType: 'CREATE|WRITE' })).toContain('CREATE|WRITE');
  const config = (more: object): string =>
    problems({ watchPathConfig: { ...watchPathConfig, ...more }, eventType: 'CREATE' });
  expect(config({ directory: 'data/' })).toContain('watchPathConfig.directory must be an absolute');
  expect(config({ pathRegexp: 'x' })).toContain('set either path');
  expect(config({ path: '', pathRegexp: '(' })).toContain('pathRegexp is no regular expression');
  expect(problems(undefined)).toContain('must be a map');
});

test('a directory without a slash at its end is refused with path, since no name would match (rule 57)', () => {
  const watchPathConfig = { directory: '/data', path: 'x.txt' };
  const problems = (more: object): readonly string[] =>
    createFileDriver().problems({ watchPathConfig, eventType: 'CREATE', ...more });
  expect(problems({})).toEqual([expect.stringContaining('must end in a slash')]);
  expect(problems({ watchPathConfig: { directory: '/data', pathRegexp: 'x' } })).toEqual([]);
});

describe('source file, against a directory of this machine', () => {
  test('files that are created become events, in order and once; others and old ones do not', async () => {
    await using rig = await watching({ eventType: 'CREATE', metadata: { team: 'x' } }, ['old.txt']);
    for (const name of ['a.txt', 'b.txt', 'c.log']) await writeFile(rig.path(name), 'new');
    await eventually(async () => expect(await rig.told()).toHaveLength(2));
    const [event] = await rig.harness.events();
    expect(event?.event).toMatchObject({ type: 'file', source: 'files', subject: 'example' });
    expect(dataOf(event)).toEqual({
      name: rig.path('a.txt'),
      op: 'CREATE',
      metadata: { team: 'x' },
    });
    expect((await rig.told())[1]).toEqual(['CREATE', rig.path('b.txt')]);
  });

  test('a write of an old file and of a new one are told, another operation is not', async () => {
    await using rig = await watching({ eventType: 'WRITE' }, ['old.txt']);
    await chmod(rig.path('old.txt'), 0o600);
    await writeFile(rig.path('old.txt'), 'more than before');
    await eventually(async () => expect(await rig.told()).toHaveLength(1));
    await writeFile(rig.path('new.txt'), 'x');
    await eventually(async () => {
      expect(await rig.told()).toEqual([
        ['WRITE', rig.path('old.txt')],
        ['WRITE', rig.path('new.txt')],
      ]);
    });
  });

  test('a file that is removed, renamed or gets other permissions is told', async () => {
    const files = ['gone.txt', 'moved.txt', 'locked.txt'];
    for (const [eventType, act, name] of [
      ['REMOVE', (rig: Rig) => unlink(rig.path('gone.txt')), 'gone.txt'],
      ['RENAME', (rig: Rig) => rename(rig.path('moved.txt'), rig.path('done.log')), 'moved.txt'],
      ['CHMOD', (rig: Rig) => chmod(rig.path('locked.txt'), 0o600), 'locked.txt'],
    ] as const) {
      await using rig = await watching({ eventType }, files);
      await act(rig);
      await eventually(async () => expect(await rig.told()).toEqual([[eventType, rig.path(name)]]));
    }
  });

  test('a file that is gone again at once was created all the same', async () => {
    await using rig = await watching({ eventType: 'CREATE' });
    await writeFile(rig.path('short.txt'), '');
    await unlink(rig.path('short.txt'));
    await eventually(async () => {
      expect(await rig.told()).toEqual([['CREATE', rig.path('short.txt')]]);
    });
  });

  test('with polling the directory is looked at without the help of the operating system', async () => {
    await using rig = await watching({ eventType: 'CREATE', polling: true });
    await writeFile(rig.path('a.txt'), 'x');
    await eventually(async () => {
      expect(await rig.told()).toEqual([['CREATE', rig.path('a.txt')]]);
    });
  });

  test('what happens while the service is away is told at its next start, and nothing twice', async () => {
    await using directory = await temporaryDirectory();
    await using bus = createMemoryBus();
    await writeFile(join(directory.path, 'old.txt'), 'x');
    {
      await using harness = await startHarness({ bus });
      await declare(harness, directory.path, { eventType: 'CREATE' });
      await writeFile(join(directory.path, 'seen.txt'), 'x');
      await eventually(async () => expect(await harness.events()).toHaveLength(1));
    }
    await writeFile(join(directory.path, 'missed.txt'), 'x');
    await using harness = await startHarness({ bus });
    await eventually(async () => expect(await harness.events()).toHaveLength(2));
    const names = (await harness.events()).map((event) => dataOf(event)['name']);
    expect(names).toEqual(['seen.txt', 'missed.txt'].map((name) => join(directory.path, name)));
  });

  test('a directory that is away is trouble and not a removal; it is watched again when it is back', async () => {
    await using rig = await watching({ eventType: 'CREATE', polling: true }, ['old.txt']);
    const trouble = (): Promise<string | undefined> => rig.harness.condition('files', 'Deployed');
    await rename(rig.directory.path, `${rig.directory.path}-away`);
    await eventually(async () => expect(await trouble()).toContain('ENOENT'));
    await mkdir(rig.directory.path);
    await rm(rig.directory.path, { recursive: true });
    await rename(`${rig.directory.path}-away`, rig.directory.path);
    await eventually(async () => expect(await trouble()).toBe(''));
    await writeFile(rig.path('new.txt'), 'x');
    await eventually(async () => {
      expect(await rig.told()).toEqual([['CREATE', rig.path('new.txt')]]);
    });
  });
});
