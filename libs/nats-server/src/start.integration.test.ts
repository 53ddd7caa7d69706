// Covers the life of an embedded server with a real nats-server: token, ownership of the data
// directory, orphans, exits. Leaves out what the bus does with it, and systems without /proc.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { serverNameAt } from './greeting.ts';
import { obtainNatsServer } from './obtain.ts';
import { identityOf } from './process-identity.ts';
import { startNatsServer } from './start.ts';
import type { RunningNatsServer } from './start.ts';

const WAIT_OPTIONS = { timeout: 20_000, interval: 20 };
let path: string;
let dataDirectory: string;
const running: RunningNatsServer[] = [];

beforeAll(async () => {
  ({ path } = await obtainNatsServer());
});
beforeEach(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'argosy-start-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map(async (server) => server.stop()));
  await rm(dataDirectory, { recursive: true, force: true });
});

async function start(more: { readonly port?: number } = {}): Promise<RunningNatsServer> {
  const server = await startNatsServer({ path, dataDirectory, ...more });
  running.push(server);
  return server;
}

/** What the server says to a client with this token: its last line. */
async function answerTo(port: number, token: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    let text = '';
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      text += chunk.toString();
      if (!/PONG|-ERR/.test(text)) return;
      socket.destroy();
      resolve(text.trim().split('\r\n').at(-1) ?? '');
    });
    socket.write(`CONNECT ${JSON.stringify({ auth_token: token, verbose: false })}\r\nPING\r\n`);
  });
}

describe('startNatsServer', () => {
  it('answers on a free loopback port to whoever has the token, and to nobody else', async () => {
    const server = await start();
    expect(server.url).toBe(`nats://127.0.0.1:${server.port}`);
    expect(await answerTo(server.port, server.token)).toBe('PONG');
    expect(await answerTo(server.port, 'guess')).toMatch(/Authorization Violation/);
  });

  it('keeps the token in a file that only its user can read, and the same after a restart', async () => {
    const first = await start();
    for (const file of ['token', 'nats-server.conf', 'owner.json']) {
      expect((await stat(join(dataDirectory, file))).mode & 0o777).toBe(0o600);
    }
    await first.stop();
    const second = await start({ port: first.port });
    expect([second.token, second.port]).toEqual([first.token, first.port]);
  });

  it('takes messages up to 8 MiB and keeps streams on files', async () => {
    await start();
    const config = await readFile(join(dataDirectory, 'nats-server.conf'), 'utf8');
    expect(config).toContain('max_payload: 8388608');
    expect((await stat(join(dataDirectory, 'jetstream'))).isDirectory()).toBe(true);
  });

  it('writes the number of its process and reports its end', async () => {
    const server = await start();
    const pid = await readFile(join(dataDirectory, 'nats-server.pid'), 'utf8');
    expect(Number(pid)).toBe(server.pid);
    await server.stop();
    await server.stop();
    expect(await server.exited).toMatchObject({ expected: true });
    expect(await identityOf(server.pid)).toBeUndefined();
  });

  it('reports an end that nobody asked for, and does not start it again', async () => {
    const server = await start();
    process.kill(server.pid, 'SIGKILL');
    expect(await server.exited).toMatchObject({ expected: false, killedBy: 'SIGKILL' });
    expect(await serverNameAt(server.port)).toBeUndefined();
  });

  it('refuses a data directory that a live process uses', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringContaining(`in use by process ${process.pid}`),
    });
  });

  it('does not outlive its owner, even when that is killed', async () => {
    const entry = fileURLToPath(new URL('./index.ts', import.meta.url));
    const script = `
      import { startNatsServer } from ${JSON.stringify(entry)};
      const options = ${JSON.stringify({ path, dataDirectory })};
      const server = await startNatsServer(options);
      console.log(server.pid);
    `;
    const owner = spawn(process.execPath, ['--input-type=module', '--eval', script]);
    const serverPid = await new Promise<number>((resolve, reject) => {
      owner.stderr.on('data', (chunk: Buffer) => {
        reject(new Error(chunk.toString()));
      });
      owner.stdout.on('data', (chunk: Buffer) => {
        resolve(Number(chunk.toString()));
      });
    });
    expect(await identityOf(serverPid)).toBeDefined();
    owner.kill('SIGKILL');
    await vi.waitFor(async () => {
      expect(await identityOf(serverPid)).toBeUndefined();
    }, WAIT_OPTIONS);
    const server = await start();
    expect(await answerTo(server.port, server.token)).toBe('PONG');
  });

  it('ends the orphan of an owner that is gone, and goes on with its data', async () => {
    await (await start()).stop();
    const config = join(dataDirectory, 'nats-server.conf');
    const orphan = spawn(path, ['--config', config], { stdio: 'ignore' });
    await vi.waitFor(async () => readFile(join(dataDirectory, 'nats-server.pid')), WAIT_OPTIONS);
    const orphanPid = orphan.pid ?? 0;
    const owner = { pid: 2 ** 22 + 1, startedAt: '1', command: 'gone' };
    const record = JSON.stringify({ owner, server: await identityOf(orphanPid) });
    await writeFile(join(dataDirectory, 'owner.json'), record);
    const server = await start();
    expect(await identityOf(orphanPid)).toBeUndefined();
    expect(await answerTo(server.port, server.token)).toBe('PONG');
  });

  it('does not end a process that has the number of an orphan but is another', async () => {
    const bystander = spawn('sleep', ['60']);
    const identity = await identityOf(bystander.pid ?? 0);
    const owner = { pid: 2 ** 22 + 1, startedAt: '1', command: 'gone' };
    for (const serverRecord of [identity, { ...identity, startedAt: '0' }]) {
      const record = JSON.stringify({ owner, server: serverRecord });
      await writeFile(join(dataDirectory, 'owner.json'), record);
      await (await start()).stop();
    }
    expect(await identityOf(bystander.pid ?? 0)).toEqual(identity);
    bystander.kill();
  });

  it('takes over a directory whose owner file was cut off by a crash', async () => {
    await writeFile(join(dataDirectory, 'owner.json'), '{"owner": {"pi');
    const server = await start();
    expect(await answerTo(server.port, server.token)).toBe('PONG');
  });

  it('says why when the server does not come up', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(start({ port })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('address already in use'),
    });
    other.close();
    const missing = { path: join(dataDirectory, 'missing'), dataDirectory };
    await expect(startNatsServer(missing)).rejects.toThrow(/cannot be started/);
    // The directory was given back each time.
    await start();
  });

  it('stops starting when it is cancelled', async () => {
    const signal = AbortSignal.abort();
    await expect(startNatsServer({ path, dataDirectory, signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});

describe('serverNameAt', () => {
  it('is undefined for a server that does not greet like NATS', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    expect(await serverNameAt((server.address() as AddressInfo).port)).toBeUndefined();
    server.close();
  });
});
