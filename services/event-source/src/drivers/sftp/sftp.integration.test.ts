// Covers the SFTP source against OpenSSH's server with a key: files that are new, changed and gone, a restart of the
// source, a server that is away, a server with another key; and against ssh2's server with a password. Leaves
// out which names are meant (core-events) and what is concluded from two listings (directory/changes.test.ts).
import { spawnSync } from 'node:child_process';
import { readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createMemoryBus } from '@argosy/bus';
import {
  eventually,
  freePort,
  startServerProcess,
  tellSkipped,
  temporaryDirectory,
  versionOf,
  type ServerProcess,
} from '@argosy/testkit';
import ssh2 from 'ssh2';
import { describe, expect, test } from 'vitest';
import { dataOf, startHarness, type Harness } from '../../testing/harness.ts';
import { createSftpDriver } from './driver.ts';

const SSHD = '/usr/sbin/sshd';
const WITHIN = { timeoutMs: 30_000, intervalMs: 50 };
const version = versionOf(SSHD, ['-?']) === undefined ? undefined : versionOf('ssh', ['-V']);
const title = `source sftp, against ${(version ?? 'OpenSSH').replace(/^OpenSSH_([\d.p]+).*$/, 'OpenSSH $1')}`;
if (version === undefined) tellSkipped(title, 'install it with .ci/servers/sftp.sh');

interface Server extends AsyncDisposable {
  readonly port: number;
  /** What the server gives away. */
  readonly path: (name: string) => string;
  readonly secrets: Readonly<Record<string, string>>;
  start(): Promise<ServerProcess>;
}

function newKey(file: string): void {
  const made = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
  if (made.status !== 0) throw new Error(String(made.stderr));
}

async function openSsh(): Promise<Server> {
  const folder = await temporaryDirectory();
  const files = await temporaryDirectory();
  const port = await freePort();
  const path = (name: string): string => join(folder.path, name);
  for (const name of ['host', 'user', 'other']) newKey(path(name));
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${path('host')}`,
    `AuthorizedKeysFile ${path('user.pub')}`,
    `PidFile ${path('pid')}`,
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'StrictModes no',
    'UsePAM no',
    'Subsystem sftp internal-sftp',
  ];
  await writeFile(path('config'), `${config.join('\n')}\n`);
  let running: ServerProcess | undefined;
  return {
    port,
    path: (name) => join(files.path, name),
    secrets: {
      address: `127.0.0.1:${port}`,
      username: process.env['USER'] ?? 'root',
      key: await readFile(path('user'), 'utf8'),
      host: await readFile(path('host.pub'), 'utf8'),
      otherHost: await readFile(path('other.pub'), 'utf8'),
    },
    async start() {
      const args = ['-D', '-e', '-f', path('config')];
      running = await startServerProcess({ command: SSHD, args, port });
      return running;
    },
    async [Symbol.asyncDispose]() {
      await running?.stop();
      await folder.remove();
      await files.remove();
    },
  };
}

const selector = (key: string): object => ({ name: 'sftp', key });

async function declare(harness: Harness, server: Server, settings: object): Promise<void> {
  await harness.apply('Secret', 'sftp', { stringData: server.secrets });
  const example = {
    address: selector('address'),
    username: selector('username'),
    sshKeySecret: selector('key'),
    hostKeySecret: selector('host'),
    watchPathConfig: { directory: server.path(''), pathRegexp: '[.]csv$' },
    pollIntervalDuration: '200ms',
    ...settings,
  };
  await harness.apply('EventSource', 'files', { spec: { sftp: { example } } });
}

async function listed(harness: Harness): Promise<void> {
  const bucket = await harness.bus.keyValue('sensor-state');
  await eventually(async () => {
    expect(await bucket.get('checkpoint.default.files.example')).toBeDefined();
  }, WITHIN);
}

const told = async (harness: Harness): Promise<readonly unknown[]> =>
  (await harness.events()).map((event) => dataOf(event)['name']);
const trouble = (harness: Harness): Promise<string | undefined> =>
  harness.condition('files', 'Deployed');

describe.skipIf(version === undefined)(title, () => {
  test('a file that is new or has changed becomes an event; old ones and other names do not', async () => {
    await using server = await openSsh();
    await server.start();
    await writeFile(server.path('old.csv'), 'x');
    await using harness = await startHarness();
    await declare(harness, server, { eventType: 'CREATE', metadata: { team: 'x' } });
    await listed(harness);
    await writeFile(server.path('a.csv'), 'x');
    await writeFile(server.path('b.log'), 'x');
    await eventually(async () => expect(await told(harness)).toEqual(['a.csv']), WITHIN);
    await writeFile(server.path('old.csv'), 'longer');
    await eventually(async () => expect(await told(harness)).toEqual(['a.csv', 'old.csv']), WITHIN);
    const [event] = await harness.events();
    expect(event?.event).toMatchObject({ type: 'sftp', source: 'files', subject: 'example' });
    expect(dataOf(event)).toEqual({ name: 'a.csv', op: 'CREATE', metadata: { team: 'x' } });
  });

  test('a file that is gone becomes an event', async () => {
    await using server = await openSsh();
    await server.start();
    await writeFile(server.path('old.csv'), 'x');
    await using harness = await startHarness();
    await declare(harness, server, { eventType: 'REMOVE' });
    await listed(harness);
    await unlink(server.path('old.csv'));
    await eventually(async () => expect(await told(harness)).toEqual(['old.csv']), WITHIN);
    expect(dataOf((await harness.events())[0])['op']).toBe('REMOVE');
  });

  test('files that come while the source or the server is away are told later, and once', async () => {
    await using server = await openSsh();
    const first = await server.start();
    await using bus = createMemoryBus();
    {
      await using harness = await startHarness({ bus });
      await declare(harness, server, { eventType: 'CREATE' });
      await listed(harness);
      await writeFile(server.path('a.csv'), 'x');
      await eventually(async () => expect(await told(harness)).toEqual(['a.csv']), WITHIN);
    }
    await writeFile(server.path('b.csv'), 'x');
    await using harness = await startHarness({ bus });
    await eventually(async () => expect(await told(harness)).toEqual(['a.csv', 'b.csv']), WITHIN);
    // A connection has a process of its own, which would outlive the one that listens.
    spawnSync('pkill', ['-9', '-P', String(first.pid)]);
    await first.stop();
    await writeFile(server.path('c.csv'), 'x');
    await server.start();
    await eventually(async () => {
      expect(await told(harness)).toEqual(['a.csv', 'b.csv', 'c.csv']);
    }, WITHIN);
  });

  test('a server that is away, and one with another key than hostKeySecret, are told', async () => {
    await using server = await openSsh();
    await using harness = await startHarness();
    await declare(harness, server, { eventType: 'CREATE' });
    await eventually(async () => expect(await trouble(harness)).toContain('ECONNREFUSED'), WITHIN);
    await server.start();
    await eventually(async () => expect(await trouble(harness)).toBe(''), WITHIN);
    await declare(harness, server, { eventType: 'CREATE', hostKeySecret: selector('otherHost') });
    await eventually(async () => expect(await trouble(harness)).toMatch(/verif/i), WITHIN);
  });
});

describe('source sftp, against a server of ssh2 that asks for a password', () => {
  test('a wrong password is told without saying it, the right one works', async () => {
    const host = ssh2.utils.generateKeyPairSync('ed25519');
    const server = new ssh2.Server({ hostKeys: [host.private] }, (client) => {
      client.on('error', () => undefined);
      client.on('authentication', (attempt) => {
        if (attempt.method !== 'password') attempt.reject(['password']);
        else if (attempt.password === 's3cret') attempt.accept();
        else attempt.reject();
      });
      client.on('session', (accept) => {
        accept().on('sftp', (acceptSftp) => answerListings(acceptSftp()));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const { port } = server.address() as { readonly port: number };
    const secrets = { address: `127.0.0.1:${port}`, username: 'u', password: 'hunter2' };
    await using harness = await startHarness();
    await harness.apply('Secret', 'sftp', { stringData: secrets });
    const example = {
      address: selector('address'),
      username: selector('username'),
      password: selector('password'),
      watchPathConfig: { directory: '/in/', path: 'a.csv' },
      eventType: 'CREATE',
      pollIntervalDuration: '200ms',
    };
    await harness.apply('EventSource', 'files', { spec: { sftp: { example } } });
    await eventually(async () => expect(await trouble(harness)).toMatch(/authentication/), WITHIN);
    expect(await trouble(harness)).not.toContain('hunter2');
    await harness.apply('Secret', 'sftp', { stringData: { ...secrets, password: 's3cret' } });
    await eventually(async () => expect(await told(harness)).toEqual(['a.csv']), WITHIN);
    server.close();
  });

  test('settings that are wrong are told by field', () => {
    const problems = (settings: object): string => createSftpDriver().problems(settings).join();
    const good = {
      address: selector('a'),
      username: selector('b'),
      password: selector('c'),
      watchPathConfig: { directory: '/in/', path: 'a.csv' },
      eventType: 'CREATE',
    };
    expect(problems(good)).toBe('');
    expect(problems({ ...good, address: 'host:22' })).toContain('address must name a Secret');
    expect(problems({ ...good, username: undefined })).toContain('username is missing');
    expect(problems({ ...good, password: undefined })).toContain('password or sshKeySecret');
    expect(problems({ ...good, eventType: 'CHMOD' })).toContain('CREATE, WRITE, REMOVE');
    expect(problems({ ...good, pollIntervalDuration: '0s' })).toContain('at least 100ms');
  });
});

/** A directory that is empty at the first look and has one file from the second on. */
function answerListings(sftp: ssh2.SFTPWrapper): void {
  const { OK, EOF } = ssh2.utils.sftp.STATUS_CODE;
  let looks = 0;
  let isTold = false;
  const handle = Buffer.from('h');
  sftp.on('REALPATH', (id: number, path: string) => {
    sftp.name(id, [{ filename: path, longname: path, attrs: EMPTY }]);
  });
  sftp.on('OPENDIR', (id: number) => {
    looks += 1;
    isTold = looks < 2;
    sftp.handle(id, handle);
  });
  sftp.on('READDIR', (id: number) => {
    if (isTold) {
      sftp.status(id, EOF);
      return;
    }
    isTold = true;
    const longname = '-rw-r--r-- 1 u u 3 Jan 1 00:00 a.csv';
    sftp.name(id, [{ filename: 'a.csv', longname, attrs: { ...EMPTY, mode: 0o100644, size: 3 } }]);
  });
  sftp.on('CLOSE', (id: number) => sftp.status(id, OK));
}

const EMPTY = { mode: 0o040755, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 };
