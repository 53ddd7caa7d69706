// Covers resource event sources on a cluster: list and watch, going on after restarts and lost connections, a server that
// has forgotten, is slow or refuses; against a stand-in whose faults are made at will, and against a real API server
// with its etcd: built by .ci/servers/kubernetes.sh, or the cluster of KUBECONFIG. Leaves out the filter itself.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createMemoryBus, type Bus } from '@argosy/bus';
import {
  eventually,
  freePort,
  startServerProcess,
  tellSkipped,
  temporaryDirectory,
} from '@argosy/testkit';
import { describe, expect, it } from 'vitest';
import { dataOf, startHarness, type Harness } from '../../../testing/harness.ts';
import { createClusterClient } from './cluster-client.ts';
import { startStandIn, type StandIn } from './api-server-stand-in.ts';

const ALL = ['ADD', 'UPDATE', 'DELETE'];
const CONFIG_MAPS = {
  version: 'v1',
  resource: 'configmaps',
  namespace: 'default',
  eventTypes: ALL,
};
const WITHIN = { timeoutMs: 20_000 };

function kubeconfig(server: string, token = 'secret'): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
}

async function watching(
  path: string,
  settings: object = CONFIG_MAPS,
  options: { readonly bus?: Bus; readonly replicaId?: string } = {},
): Promise<Harness> {
  const place = { kind: 'Files' as const, paths: [path] };
  const harness = await startHarness({
    ...options,
    config: { cluster: { place, hasEveryKind: true } },
  });
  await harness.apply('EventSource', 'watcher', { spec: { resource: { changes: settings } } });
  return harness;
}

type Body = null | { readonly metadata: { readonly name: string }; readonly data: { n: string } };

async function told(harness: Harness): Promise<string[]> {
  return (await harness.events()).map((event) => {
    const { type, body, oldBody } = dataOf(event) as { type: string; body: Body; oldBody: Body };
    const old = oldBody === null ? '' : `${oldBody.data.n} > `;
    return `${type} ${body?.metadata.name ?? ''} ${old}${body?.data.n ?? ''}`;
  });
}

const expectTold = (harness: Harness, expected: readonly string[]): Promise<void> =>
  eventually(async () => expect(await told(harness)).toEqual(expected), WITHIN);

const expectTrouble = (harness: Harness, text: string): Promise<void> =>
  eventually(
    async () => expect(await harness.condition('watcher', 'Deployed')).toContain(text),
    WITHIN,
  );

const expectHealth = (harness: Harness): Promise<void> =>
  eventually(async () => expect(await harness.condition('watcher', 'Deployed')).toBe(''), WITHIN);

describe("source resource, against a stand-in that speaks Kubernetes' list and watch", () => {
  async function withStandIn(
    test: (rig: { readonly standIn: StandIn; readonly path: string }) => Promise<void>,
  ): Promise<void> {
    await using directory = await temporaryDirectory();
    await using standIn = await startStandIn();
    const path = join(directory.path, 'kubeconfig');
    await writeFile(path, JSON.stringify(kubeconfig(standIn.url)));
    await test({ standIn, path });
  }
  const watchesOf = ({ requests }: StandIn): readonly string[] =>
    requests.filter((request) => request.startsWith('watch'));

  it('tells what is there page by page, each change with the old body, and the end', () =>
    withStandIn(async ({ standIn, path }) => {
      for (const name of ['a', 'b', 'c']) standIn.put(name, '1');
      await using harness = await watching(path);
      await expectTold(harness, ['ADD a 1', 'ADD b 1', 'ADD c 1']);
      standIn.put('b', '2');
      standIn.remove('a');
      const changes = ['UPDATE b 1 > 2', 'DELETE a 1'];
      await expectTold(harness, ['ADD a 1', 'ADD b 1', 'ADD c 1', ...changes]);
      const [first] = await harness.events();
      // Items of lists do not say what they are; the event does.
      expect(dataOf(first)).toMatchObject({
        body: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' } },
      });
    }));

  it('goes on where a dropped watch ended, without a list and without telling anything twice', () =>
    withStandIn(async ({ standIn, path }) => {
      standIn.put('a', '1');
      await using harness = await watching(path);
      await expectTold(harness, ['ADD a 1']);
      await eventually(() => expect(watchesOf(standIn)).toHaveLength(1), WITHIN);
      standIn.put('a', '2');
      await expectTold(harness, ['ADD a 1', 'UPDATE a 1 > 2']);
      standIn.dropWatches();
      standIn.put('a', '3');
      await expectTold(harness, ['ADD a 1', 'UPDATE a 1 > 2', 'UPDATE a 2 > 3']);
      await expectHealth(harness);
      expect(standIn.requests.filter((request) => request.startsWith('list'))).toHaveLength(1);
    }));

  it.each([true, false])(
    'lists again when the server has forgotten (410 in the stream: %s)',
    (inLine) =>
      withStandIn(async ({ standIn, path }) => {
        standIn.refusesInLine = inLine;
        for (const name of ['a', 'b', 'c']) standIn.put(name, '1');
        await using harness = await watching(path);
        const first = ['ADD a 1', 'ADD b 1', 'ADD c 1'];
        await expectTold(harness, first);
        await eventually(() => expect(watchesOf(standIn)).toHaveLength(1), WITHIN);
        // All of it in one turn of the loop: no watch sees it.
        standIn.dropWatches();
        standIn.refusal = 503;
        await expectTrouble(harness, 'the API server answered 503: no such right');
        standIn.put('a', '2');
        standIn.remove('b');
        standIn.put('d', '1');
        standIn.compact();
        standIn.refusal = undefined;
        await expectTold(harness, [...first, 'UPDATE a 1 > 2', 'ADD d 1', 'DELETE b 1']);
        await expectHealth(harness);
      }),
  );

  it('tells after a restart what happened meanwhile, deletions and old bodies too', () =>
    withStandIn(async ({ standIn, path }) => {
      await using bus = createMemoryBus();
      const first = ['ADD a 1', 'ADD b 1'];
      {
        for (const name of ['a', 'b']) standIn.put(name, '1');
        await using harness = await watching(path, CONFIG_MAPS, { bus });
        await expectTold(harness, first);
      }
      standIn.put('a', '2');
      standIn.put('c', '1');
      standIn.remove('b');
      await using harness = await watching(path, CONFIG_MAPS, { bus, replicaId: 'replica-2' });
      await expectTold(harness, [...first, 'UPDATE a 1 > 2', 'ADD c 1', 'DELETE b 1']);
    }));

  it('tells after a restart what changed, when the server has forgotten meanwhile; nothing is ADD again', () =>
    withStandIn(async ({ standIn, path }) => {
      await using bus = createMemoryBus();
      const first = ['ADD a 1', 'ADD b 1'];
      {
        for (const name of ['a', 'b']) standIn.put(name, '1');
        await using harness = await watching(path, CONFIG_MAPS, { bus });
        await expectTold(harness, first);
      }
      standIn.put('a', '2');
      standIn.put('c', '1');
      standIn.compact();
      await using harness = await watching(path, CONFIG_MAPS, { bus, replicaId: 'replica-2' });
      await expectTold(harness, [...first, 'UPDATE a 2', 'ADD c 1']);
    }));

  it('goes on from a bookmark, so that quiet kinds are not listed again', () =>
    withStandIn(async ({ standIn, path }) => {
      standIn.put('a', '1');
      await using harness = await watching(path);
      await expectTold(harness, ['ADD a 1']);
      await eventually(() => expect(watchesOf(standIn)).toHaveLength(1), WITHIN);
      standIn.compact();
      standIn.bookmark();
      await new Promise((resolve) => setTimeout(resolve, 100));
      standIn.dropWatches();
      await eventually(() => expect(watchesOf(standIn)).toHaveLength(2), WITHIN);
      expect(watchesOf(standIn)[1]).toContain('resourceVersion=102');
      expect(standIn.requests.filter((request) => request.startsWith('list'))).toHaveLength(1);
    }));

  it('waits for a slow server, and says what it refuses and to whom', () =>
    withStandIn(async ({ standIn, path }) => {
      standIn.slowMs = 1_500;
      standIn.put('a', '1');
      standIn.refusal = 403;
      await using harness = await watching(path);
      await expectTrouble(harness, 'the API server answered 403: no such right');
      standIn.refusal = undefined;
      await expectTold(harness, ['ADD a 1']);
      await expectHealth(harness);
    }));

  it('gives up an answer that does not come, with a sentence', () =>
    withStandIn(async ({ standIn, path }) => {
      standIn.slowMs = 10_000;
      const client = await createClusterClient({ kind: 'Files', paths: [path] });
      const { signal } = new AbortController();
      const question = { path: '/api/v1/configmaps', query: {}, idleMs: 200, signal };
      await expect(client.get(question)).rejects.toThrow(
        `the API server ${standIn.url} does not answer: it was silent for 0.2 s`,
      );
    }));

  it('asks for the labels and the namespace alone', () =>
    withStandIn(async ({ standIn, path }) => {
      standIn.put('a', '1', { app: 'web' });
      standIn.put('b', '1');
      const filter = { labels: [{ key: 'app', operation: 'in', value: 'web,api' }] };
      await using harness = await watching(path, { ...CONFIG_MAPS, filter });
      await expectTold(harness, ['ADD a 1']);
      expect(standIn.requests[0]).toContain('/api/v1/namespaces/default/configmaps');
      expect(decodeURIComponent(standIn.requests[0] ?? '')).toContain('app+in+(web,api)');
    }));
});

const VERSION = 'v1.34.4';
const servers = process.env['ARGOSY_SERVERS'] ?? join(homedir(), '.cache/argosy/servers');
const folder = join(servers, `kubernetes-${VERSION}`);
const given = process.env['KUBECONFIG'];
const isBuilt = existsSync(join(folder, 'kube-apiserver')) && existsSync(join(folder, 'etcd'));
const hasServer =
  (isBuilt || given !== undefined) && spawnSync('kubectl', ['version', '--client']).status === 0;
const REAL = `source resource, against Kubernetes ${VERSION}`;
if (!hasServer)
  tellSkipped(REAL, 'run .ci/servers/kubernetes.sh, or set KUBECONFIG; kubectl is needed too');

interface RealServer extends AsyncDisposable {
  readonly path: string;
}

/** The cluster of KUBECONFIG, or an API server and its etcd of this test's own. */
async function startRealServer(): Promise<RealServer> {
  if (given !== undefined) return { path: given, [Symbol.asyncDispose]: () => Promise.resolve() };
  const directory = await temporaryDirectory();
  const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  const etcd = await startServerProcess({
    command: join(folder, 'etcd'),
    args: [
      ...['--data-dir', join(directory.path, 'etcd'), '--unsafe-no-fsync'],
      ...['--listen-client-urls', etcdUrl, '--advertise-client-urls', etcdUrl],
      ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
      ...['--initial-cluster', `default=${peerUrl}`],
    ],
    port: etcdPort,
  });
  const keyFile = join(directory.path, 'sa.key');
  spawnSync('openssl', ['genrsa', '-out', keyFile, '2048']);
  const tokenFile = join(directory.path, 'tokens.csv');
  await writeFile(tokenFile, 'secret,admin,admin,system:masters\n');
  const server = await startServerProcess({
    command: join(folder, 'kube-apiserver'),
    args: [
      `--etcd-servers=${etcdUrl}`,
      `--cert-dir=${directory.path}`,
      `--secure-port=${port}`,
      ...['--bind-address=127.0.0.1', '--advertise-address=127.0.0.1'],
      `--token-auth-file=${tokenFile}`,
      ...['--authorization-mode=RBAC', '--service-cluster-ip-range=10.96.0.0/16'],
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${keyFile}`,
      `--service-account-signing-key-file=${keyFile}`,
    ],
    port,
  });
  const path = join(directory.path, 'kubeconfig');
  await writeFile(path, JSON.stringify(kubeconfig(`https://127.0.0.1:${port}`)));
  const dispose = async (): Promise<void> => {
    await server.stop();
    await etcd.stop();
    await directory[Symbol.asyncDispose]();
  };
  return { path, [Symbol.asyncDispose]: dispose };
}

describe.skipIf(!hasServer)(REAL, () => {
  it('tells what is there, changes, ends, and what happened while it was away', async () => {
    await using server = await startRealServer();
    const kubectl = (...args: string[]): string => {
      const run = spawnSync('kubectl', ['--kubeconfig', server.path, ...args], {
        encoding: 'utf8',
      });
      if (run.status !== 0) throw new Error(run.stderr);
      return run.stdout;
    };
    await eventually(() => expect(kubectl('get', '--raw', '/readyz')).toBe('ok'), {
      timeoutMs: 60_000,
    });
    const namespace = `argosy-test-${process.pid}`;
    kubectl('create', 'namespace', namespace);
    const inNamespace = (...args: string[]): string => kubectl('-n', namespace, ...args);
    const set = (name: string, n: string): string =>
      inNamespace('patch', 'configmap', name, '-p', JSON.stringify({ data: { n } }));
    const create = (name: string): string =>
      inNamespace('create', 'configmap', name, '--from-literal=n=1');
    const settings = { ...CONFIG_MAPS, namespace, filter: { prefix: 't-' } };
    await using bus = createMemoryBus();
    const before = ['ADD t-a 1', 'ADD t-b 1', 'UPDATE t-a 1 > 2', 'DELETE t-b 1'];
    {
      create('t-a');
      await using harness = await watching(server.path, settings, { bus });
      await expectTold(harness, ['ADD t-a 1']);
      create('t-b');
      create('other');
      set('t-a', '2');
      inNamespace('delete', 'configmap', 't-b');
      await expectTold(harness, before);
      await expectHealth(harness);
    }
    set('t-a', '3');
    create('t-c');
    inNamespace('delete', 'configmap', 't-a');
    await using harness = await watching(server.path, settings, { bus, replicaId: 'replica-2' });
    await expectTold(harness, [...before, 'UPDATE t-a 2 > 3', 'ADD t-c 1', 'DELETE t-a 3']);
    kubectl('delete', 'namespace', namespace, '--wait=false');
  }, 180_000);
});
