// Covers how artifacts are stored and placed: archives, directories, keys, raw, http, git, and what is refused.
// Uses the host's tar and git, a real HTTP server, and a store in memory. Leaves out the bus' own store.
import { execFileSync } from 'node:child_process';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Artifact } from '@argosy/model';
import { temporaryDirectory, type TemporaryDirectory } from '@argosy/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ArtifactAccess, ArtifactScope } from '../types.ts';
import { createArtifactAccess } from './artifact-access.ts';

const scope: ArtifactScope = {
  namespace: 'default',
  workflow: 'wf',
  uid: 'uid',
  podName: 'pod',
  signal: new AbortController().signal,
};

let directory: TemporaryDirectory;
let objects: Map<string, Buffer>;
let access: ArtifactAccess;
let server: Server | undefined;

beforeEach(async () => {
  directory = await temporaryDirectory();
  objects = new Map();
  access = createArtifactAccess({
    store: {
      put: async (name, content) => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of content) chunks.push(chunk);
        objects.set(name, Buffer.concat(chunks));
      },
      get: (name) => {
        const content = objects.get(name);
        return Promise.resolve(content === undefined ? undefined : once(content));
      },
      list: (prefix) =>
        Promise.resolve([...objects.keys()].filter((name) => name.startsWith(prefix)).toSorted()),
    },
    resources: {
      configMap: () => Promise.resolve(undefined),
      secret: (_namespace, name) =>
        Promise.resolve(
          name === 'login' ? { user: Buffer.from('me'), password: Buffer.from('pw') } : undefined,
        ),
    },
  });
});
afterEach(async () => {
  server?.close();
  server = undefined;
  await directory.remove();
});

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(content);
}

function at(name: string): string {
  return join(directory.path, name);
}

/** Stores what lies at `source` and places it again. */
async function roundTrip(artifact: Artifact, source: string): Promise<string> {
  const saved = await access.save(artifact, source, scope);
  const destination = at('placed');
  await access.load({ ...artifact, ...saved }, destination, scope);
  return destination;
}

test('a file is stored as a gzipped tar under the default key and comes back as a file', async () => {
  await writeFile(at('out.txt'), 'content');
  const placed = await roundTrip({ name: 'a', path: '/tmp/out.txt' }, at('out.txt'));
  expect([...objects.keys()]).toEqual(['default/wf/pod/a.tgz']);
  expect(objects.get('default/wf/pod/a.tgz')?.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
  expect(await readFile(placed, 'utf8')).toBe('content');
});

test('a directory comes back as a directory with its modes', async () => {
  await mkdir(at('dir/deep'), { recursive: true });
  await writeFile(at('dir/deep/tool'), '#!/bin/sh\n', { mode: 0o755 });
  await writeFile(at('dir/ü .txt'), 'x');
  const placed = await roundTrip({ name: 'a' }, at('dir'));
  expect(await readFile(join(placed, 'ü .txt'), 'utf8')).toBe('x');
  expect((await stat(join(placed, 'deep/tool'))).mode & 0o111).toBe(0o111);
});

test('archive none keeps a file as it is, even one that looks like an archive', async () => {
  const packed = gzipSync('plain text');
  await writeFile(at('x.gz'), packed);
  const placed = await roundTrip({ name: 'a', archive: { none: {} } }, at('x.gz'));
  expect([...objects.keys()]).toEqual(['default/wf/pod/a']);
  expect(await readFile(placed)).toEqual(packed);
});

test('archive none keeps a directory as one object for each file', async () => {
  await mkdir(at('dir/deep'), { recursive: true });
  await writeFile(at('dir/deep/b'), 'B');
  await writeFile(at('dir/a'), 'A');
  const artifact = { name: 'a', archive: { none: {} }, s3: { key: 'my/key' } };
  const placed = await roundTrip(artifact, at('dir'));
  expect(objects.get('default/my/key/deep/b')?.toString()).toBe('B');
  expect(await readFile(join(placed, 'deep/b'), 'utf8')).toBe('B');
  expect(await readFile(join(placed, 'a'), 'utf8')).toBe('A');
});

test('a gzipped file that is no tar is placed as it is', async () => {
  const content = gzipSync('text');
  objects.set('default/k', content);
  await access.load({ name: 'a', s3: { key: 'k' } }, at('out'), scope);
  expect(await readFile(at('out'))).toEqual(content);
});

test('an archive of several entries becomes a directory of them', async () => {
  await mkdir(at('src'));
  await writeFile(at('src/a'), 'A');
  await writeFile(at('src/b'), 'B');
  const tar = execFileSync('tar', ['-czf', '-', '-C', at('src'), 'a', 'b']);
  objects.set('default/k', tar);
  await access.load({ name: 'a', gcs: { key: 'k' } }, at('out'), scope);
  expect(await readFile(at('out/b'), 'utf8')).toBe('B');
});

test('a directory goes into a destination that is a directory already', async () => {
  await mkdir(at('dir'));
  await writeFile(at('dir/new'), 'N');
  await mkdir(at('placed'));
  await writeFile(at('placed/old'), 'O');
  const placed = await roundTrip({ name: 'a' }, at('dir'));
  expect(await readFile(join(placed, 'new'), 'utf8')).toBe('N');
  expect(await readFile(join(placed, 'old'), 'utf8')).toBe('O');
});

test('the key that the manifest gives is used, and namespaces do not see one another', async () => {
  await writeFile(at('f'), 'x');
  const saved = await access.save({ name: 'a', oss: { key: '/some/key.tgz' } }, at('f'), scope);
  expect(saved.oss).toEqual({ key: '/some/key.tgz' });
  expect([...objects.keys()]).toEqual(['default/some/key.tgz']);
  const other = { ...scope, namespace: 'other' };
  await expect(access.load(saved, at('out'), other)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('files that were stored one by one below a key are loaded as a directory', async () => {
  for (const part of ['0', '1']) {
    await writeFile(at('f'), part);
    const artifact = { name: 'a', s3: { key: `parts/${part}.json` }, archive: { none: {} } };
    await access.save(artifact, at('f'), scope);
  }
  await access.load({ name: 'a', s3: { key: 'parts' } }, at('out'), scope);
  expect(await readFile(at('out/1.json'), 'utf8')).toBe('1');
  const one = { name: 'a', s3: { key: 'parts/0.json' } };
  await access.load(one, at('one'), scope);
  expect(await readFile(at('one'), 'utf8')).toBe('0');
});

test('with archive none a directory is stored file by file, also one with a slash at its key', async () => {
  await mkdir(at('src/deep'), { recursive: true });
  await writeFile(at('src/deep/a'), 'A');
  const artifact = { name: 'a', s3: { key: 'out/' }, archive: { none: {} } };
  const saved = await access.save(artifact, at('src'), scope);
  expect([...objects.keys()]).toEqual(['default/out/deep/a']);
  await access.load(saved, at('copy'), scope);
  expect(await readFile(at('copy/deep/a'), 'utf8')).toBe('A');
});

test('a directory with nothing in it comes back as one', async () => {
  await mkdir(at('empty'));
  const placed = await roundTrip({ name: 'a', archive: { none: {} } }, at('empty'));
  expect((await stat(placed)).isDirectory()).toBe(true);
});

test('a stored name that leads out of the artifact is refused', async () => {
  objects.set('default/evil/../../x', Buffer.from('x'));
  await expect(
    access.load({ name: 'a', s3: { key: 'evil' } }, at('out'), scope),
  ).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
});

test('a location with a bucket of its own is refused with what to do', async () => {
  await writeFile(at('f'), 'x');
  const artifact = { name: 'a', s3: { bucket: 'b', endpoint: 'minio:9000', key: 'k' } };
  await expect(access.save(artifact, at('f'), scope)).rejects.toMatchObject({
    code: 'UNIMPLEMENTED',
    message: expect.stringContaining('s3 with its own bucket is not available here') as string,
  });
  await expect(access.load(artifact, at('out'), scope)).rejects.toMatchObject({
    code: 'UNIMPLEMENTED',
  });
});

test('raw data is written as it is', async () => {
  await access.load({ name: 'a', raw: { data: 'héllo\n' } }, at('out'), scope);
  expect(await readFile(at('out'), 'utf8')).toBe('héllo\n');
});

test('http artifacts are fetched with their headers and login, and stored by PUT', async () => {
  const seen: string[] = [];
  let stored = Buffer.alloc(0);
  const { url } = await serve(async (request, respond) => {
    seen.push(`${request.method} ${request.headers['x-one']} ${request.headers.authorization}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    if (request.method === 'PUT') stored = Buffer.concat(chunks);
    respond(request.url === '/none' ? 404 : 200, 'fetched');
  });
  const http = {
    url: `${url}/file`,
    headers: [{ name: 'X-One', value: '1' }],
    auth: {
      basicAuth: {
        usernameSecret: { name: 'login', key: 'user' },
        passwordSecret: { name: 'login', key: 'password' },
      },
    },
  };
  const login = `Basic ${Buffer.from('me:pw').toString('base64')}`;
  await access.load({ name: 'a', http }, at('out'), scope);
  expect(await readFile(at('out'), 'utf8')).toBe('fetched');
  expect(seen).toEqual([`GET 1 ${login}`]);
  await access.save({ name: 'a', http, archive: { none: {} } }, at('out'), scope);
  expect(stored.toString()).toBe('fetched');
  const missing = { name: 'a', http: { url: `${url}/none` } };
  await expect(access.load(missing, at('x'), scope)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a git artifact is cloned and the revision checked out', async () => {
  const git = (...args: string[]): Buffer =>
    execFileSync('git', ['-C', at('repo'), '-c', 'user.name=n', '-c', 'user.email=e@x', ...args]);
  await mkdir(at('repo'));
  git('init', '--quiet', '--initial-branch=main');
  await writeFile(at('repo/file'), 'one');
  git('add', '.');
  git('commit', '--quiet', '-m', 'one');
  git('tag', 'v1');
  await writeFile(at('repo/file'), 'two');
  git('commit', '--quiet', '-am', 'two');
  await access.load({ name: 'a', git: { repo: at('repo') } }, at('head'), scope);
  expect(await readFile(at('head/file'), 'utf8')).toBe('two');
  const tagged = { name: 'a', git: { repo: at('repo'), revision: 'v1' } };
  await access.load(tagged, at('tagged'), scope);
  expect(await readFile(at('tagged/file'), 'utf8')).toBe('one');
  const wrong = { name: 'a', git: { repo: at('nowhere') } };
  await expect(access.load(wrong, at('x'), scope)).rejects.toMatchObject({
    code: 'FAILED_PRECONDITION',
    message: expect.stringContaining('git failed') as string,
  });
});

async function serve(
  handle: (
    request: IncomingMessage,
    respond: (status: number, body: string) => void,
  ) => Promise<void>,
): Promise<{ readonly url: string }> {
  server = createServer((request, response) => {
    void handle(request, (status, body) => response.writeHead(status).end(body));
  });
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}` };
}
