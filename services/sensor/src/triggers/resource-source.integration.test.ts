// Covers objects of triggers that come over the net: url, from an HTTP and an HTTPS server; git, from a repository by
// branch, tag and ref, over HTTP with credentials; s3, from moto. Leaves out the other sources (resource-source.test.ts).
import { execFileSync, spawn } from 'node:child_process';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { once } from 'node:events';
import { symlink, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  motoVersion,
  startTestMoto,
  tellSkipped,
  temporaryDirectory,
  testCertificate,
} from '@argosy/testkit';
import { describe, expect, it } from 'vitest';
import { memoryObjects } from '../testing/memory-objects.ts';
import { environmentWith, runTrigger } from '../testing/trigger-call.ts';
import { kubernetesTrigger } from './kubernetes.ts';
import { SOURCE_BYTES_MAX } from './resource-source-bytes.ts';
import type { TriggerOutcome } from './trigger.ts';

const object = (name: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {n: '1'}\n`;

/** The name of the object that the trigger made, or what came of it instead. */
async function make(
  source: object,
  secrets: Readonly<Record<string, string>> = {},
): Promise<string | TriggerOutcome> {
  const objects = memoryObjects();
  const environment = { ...environmentWith(secrets), objects };
  const outcome = await runTrigger(kubernetesTrigger, { source }, { environment });
  const [made] = Array.from(objects.all.values(), ({ metadata }) => String(metadata.name));
  return outcome.kind === 'Done' && made !== undefined ? made : outcome;
}

interface Site extends AsyncDisposable {
  readonly url: string;
}

async function serve(
  listener: RequestListener,
  tls?: { cert: string; key: string },
): Promise<Site> {
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('source.url', () => {
  const answer: RequestListener = ({ url }, response) => {
    if (url === '/moved') return void response.writeHead(302, { location: '/order.yaml' }).end();
    if (url === '/long') return void response.end('x'.repeat(SOURCE_BYTES_MAX + 1));
    if (url === '/order.yaml') return void response.end(object('order'));
    response.writeHead(404).end();
  };
  it('is read where it leads to, and another attempt is made after other answers than 200', async () => {
    await using site = await serve(answer);
    expect(await make({ url: { path: `${site.url}/order.yaml` } })).toBe('order');
    expect(await make({ url: { path: `${site.url}/moved` } })).toBe('order');
    const path = `${site.url}/none`;
    const reason = `source.url: ${path} answered 404`;
    expect(await make({ url: { path } })).toEqual({ kind: 'Failed', reason });
    expect(await make({ url: { path: `${site.url}/long` } })).toEqual({
      kind: 'Refused',
      reason: `source.url: it is longer than ${SOURCE_BYTES_MAX} bytes`,
    });
  });
  it('checks the certificate unless verifyCert is false', async () => {
    const tls = await testCertificate(['127.0.0.1']);
    await using site = await serve(answer, tls);
    const path = `${site.url}/order.yaml`;
    expect(await make({ url: { path } })).toMatchObject({
      kind: 'Failed',
      reason: expect.stringContaining('certificate'),
    });
    expect(await make({ url: { path, verifyCert: false } })).toBe('order');
  });
});

describe('source.git', () => {
  interface Repository extends AsyncDisposable {
    readonly directory: string;
    readonly url: string;
  }
  async function repository(): Promise<Repository> {
    const temporary = await temporaryDirectory();
    const directory = join(temporary.path, 'orders.git');
    const git = (...args: string[]): void =>
      void execFileSync('git', [
        '-C',
        directory,
        '-c',
        'user.name=t',
        '-c',
        'user.email=t@x',
        ...args,
      ]);
    execFileSync('git', ['init', '-q', '-b', 'trunk', directory]);
    const commit = async (name: string): Promise<void> => {
      await writeFile(join(directory, 'order.yaml'), object(name));
      git('add', '.');
      git('commit', '-q', '-m', name);
    };
    await commit('old');
    git('tag', 'v1');
    await symlink('/etc/hostname', join(directory, 'link.yaml'));
    await commit('trunk');
    git('checkout', '-q', '-b', 'other');
    await commit('branch');
    git('update-ref', 'refs/pull/7/head', 'other');
    git('checkout', '-q', 'trunk');
    const dispose = async (): Promise<void> => {
      await temporary[Symbol.asyncDispose]();
    };
    return { directory, url: `file://${directory}`, [Symbol.asyncDispose]: dispose };
  }

  it('is read at the branch, the tag or the ref; the last of these counts most', async () => {
    await using repo = await repository();
    const { url } = repo;
    const at = (place: object): ReturnType<typeof make> =>
      make({ git: { url, filePath: 'order.yaml', ...place } });
    expect(await at({})).toBe('trunk');
    expect(await at({ branch: 'other' })).toBe('branch');
    expect(await at({ branch: 'other', tag: 'v1' })).toBe('old');
    expect(await at({ tag: 'v1', ref: 'refs/pull/7/head' })).toBe('branch');
    expect(
      await make({
        git: { url: 'file:///nowhere', remote: { name: 'r', urls: [url] }, filePath: 'order.yaml' },
      }),
    ).toBe('trunk');
  });
  it('is refused when the file leads out of the repository, and tried again when it is missing', async () => {
    await using repo = await repository();
    const { url } = repo;
    const link = await make({ git: { url, filePath: 'link.yaml' } });
    expect(link).toEqual({
      kind: 'Refused',
      reason: 'source.git: the file link.yaml lies outside',
    });
    const none = await make({ git: { url, filePath: 'none.yaml' } });
    expect(none).toEqual({ kind: 'Failed', reason: 'source.git: there is no file none.yaml' });
    const branch = await make({ git: { url, filePath: 'order.yaml', branch: 'gone' } });
    expect(branch).toMatchObject({ kind: 'Failed', reason: expect.stringContaining('gone') });
  });
  it('shows user and password of Secrets to the server, and none of them in its reason', async () => {
    await using repo = await repository();
    const wanted = `Basic ${Buffer.from('me:hidden').toString('base64')}`;
    await using site = await serve((request, response) => {
      if (request.headers.authorization !== wanted) {
        response.writeHead(401, { 'www-authenticate': 'Basic' }).end();
        return;
      }
      // Git's own program answers, as behind any web server.
      const { pathname, search } = new URL(request.url ?? '', 'http://x');
      const program = spawn('git', ['http-backend'], {
        env: {
          ...process.env,
          GIT_PROJECT_ROOT: join(repo.directory, '..'),
          GIT_HTTP_EXPORT_ALL: '1',
          PATH_INFO: pathname,
          QUERY_STRING: search.slice(1),
          REQUEST_METHOD: request.method,
          CONTENT_TYPE: request.headers['content-type'] ?? '',
          HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        },
      });
      request.pipe(program.stdin);
      const chunks: Buffer[] = [];
      program.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
      program.on('close', () => {
        const answer = Buffer.concat(chunks);
        const end = answer.indexOf('\r\n\r\n');
        for (const line of answer.subarray(0, end).toString().split('\r\n')) {
          const [name = '', value = ''] = line.split(': ');
          if (name !== 'Status') response.setHeader(name, value);
        }
        response.end(answer.subarray(end + 4));
      });
    });
    const creds = {
      username: { name: 'git', key: 'user' },
      password: { name: 'git', key: 'pass' },
    };
    const git = { url: `${site.url}/orders.git`, filePath: 'order.yaml', creds };
    expect(await make({ git }, { 'git/user': 'me', 'git/pass': 'hidden' })).toBe('trunk');
    const wrong = await make({ git }, { 'git/user': 'me', 'git/pass': 'not-this' });
    expect(wrong).toMatchObject({
      kind: 'Failed',
      reason: expect.not.stringContaining('not-this'),
    });
    expect(await make({ git })).toMatchObject({
      kind: 'Failed',
      reason: expect.stringContaining('the Secret "git" has no key "user"'),
    });
  });
});

const version = motoVersion();
const S3 = `trigger k8s, against ${version ?? 'moto'}`;
if (version === undefined) tellSkipped(S3, "pip install 'moto[server]'");

describe.skipIf(version === undefined)(S3, () => {
  it('source.s3 is an object of a bucket, with the keys of Secrets', async () => {
    await using moto = await startTestMoto();
    const endpoint = new URL(moto.url);
    const { Client } = await import('minio');
    const keys = { accessKey: 'AKIDEXAMPLE', secretKey: 'example' };
    const place = { endPoint: endpoint.hostname, port: Number(endpoint.port), useSSL: false };
    const client = new Client({ ...place, ...keys, region: 'us-east-1' });
    await client.makeBucket('orders', 'us-east-1');
    await client.putObject('orders', 'a/order.yaml', object('stored'));
    const s3 = {
      endpoint: endpoint.host,
      insecure: true,
      region: 'us-east-1',
      bucket: { name: 'orders', key: 'a/order.yaml' },
      accessKey: { name: 's3', key: 'access' },
      secretKey: { name: 's3', key: 'secret' },
    };
    const secrets = { 's3/access': keys.accessKey, 's3/secret': keys.secretKey };
    expect(await make({ s3 }, secrets)).toBe('stored');
    const none = { ...s3, bucket: { name: 'orders', key: 'none' } };
    expect(await make({ s3: none }, secrets)).toMatchObject({
      kind: 'Failed',
      reason: expect.stringContaining('source.s3: orders/none: NoSuchKey'),
    });
    expect(await make({ s3 })).toMatchObject({
      kind: 'Failed',
      reason: expect.stringContaining('the Secret s3 has no key access'),
    });
  }, 120_000);
});
