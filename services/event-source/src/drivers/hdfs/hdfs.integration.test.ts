// Covers the HDFS source against a stand-in that speaks WebHDFS: files below a directory, each operation, several
// name nodes, a directory that is not there, a restart. Leaves out a real Hadoop and what is concluded from two
// listings (directory/changes.test.ts).
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMemoryBus } from '@argosy/bus';
import { eventually } from '@argosy/testkit';
import { describe, expect, test } from 'vitest';
import { dataOf, startHarness, type Harness } from '../../testing/harness.ts';
import { createHdfsDriver } from './driver.ts';

const WITHIN = { timeoutMs: 20_000 };

interface HdfsFile {
  readonly fileId: number;
  readonly length?: number;
  readonly modificationTime?: number;
  readonly permission?: string;
}

interface NameNode extends AsyncDisposable {
  readonly address: string;
  /** By whole path. */
  readonly files: Map<string, HdfsFile>;
  readonly queries: string[];
  isStandby: boolean;
}

async function nameNode(): Promise<NameNode> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    node.queries.push(url.search);
    const exception = (status: number, message: string): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ RemoteException: { exception: 'X', message } }));
    };
    if (node.isStandby) {
      exception(403, 'Operation category READ is not supported in state standby');
      return;
    }
    const path = decodeURIComponent(url.pathname).replace('/webhdfs/v1', '');
    const below = Array.from(node.files).filter(([name]) => name.startsWith(`${path}/`));
    if (below.length === 0) {
      exception(404, `File ${path} does not exist.`);
      return;
    }
    const found = new Map<string, object>();
    for (const [name, file] of below) {
      const [pathSuffix = '', ...rest] = name.slice(path.length + 1).split('/');
      const directory = { type: 'DIRECTORY', fileId: 1_000, length: 0, modificationTime: 7 };
      const plain = { type: 'FILE', length: 3, modificationTime: 5, ...file };
      found.set(pathSuffix, { pathSuffix, ...(rest.length > 0 ? directory : plain) });
    }
    const body = { FileStatuses: { FileStatus: Array.from(found.values()) } };
    response.end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const node: NameNode = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files: new Map(),
    queries: [],
    isStandby: false,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return node;
}

async function declare(harness: Harness, settings: object): Promise<void> {
  const example = {
    hdfsUser: 'etl',
    directory: '/in/',
    pathRegexp: '[.]csv$',
    type: 'CREATE',
    checkInterval: '100ms',
    ...settings,
  };
  await harness.apply('EventSource', 'files', { spec: { hdfs: { example } } });
}

async function listed(harness: Harness): Promise<void> {
  const bucket = await harness.bus.keyValue('sensor-state');
  await eventually(async () => {
    expect(await bucket.get('checkpoint.default.files.example')).toBeDefined();
  }, WITHIN);
}

const told = async (harness: Harness): Promise<readonly string[]> =>
  (await harness.events()).map((event) => {
    const { op, name } = dataOf(event);
    return `${String(op)} ${String(name)}`;
  });
const trouble = (harness: Harness): Promise<string | undefined> =>
  harness.condition('files', 'Deployed');

describe('source hdfs, against a stand-in that speaks WebHDFS', () => {
  test('new files become events, also below, and after a restart of the source', async () => {
    await using node = await nameNode();
    node.files.set('/in/old.csv', { fileId: 1 });
    await using bus = createMemoryBus();
    {
      await using harness = await startHarness({ bus });
      await declare(harness, { addresses: [node.address] });
      await listed(harness);
      node.files.set('/in/a b/new.csv', { fileId: 2 });
      node.files.set('/in/other.log', { fileId: 3 });
      await eventually(async () => {
        expect(await told(harness)).toEqual(['CREATE /in/a b/new.csv']);
      }, WITHIN);
    }
    node.files.set('/in/missed.csv', { fileId: 4 });
    await using harness = await startHarness({ bus });
    await eventually(async () => {
      expect(await told(harness)).toEqual(['CREATE /in/a b/new.csv', 'CREATE /in/missed.csv']);
    }, WITHIN);
    expect(node.queries[0]).toBe('?op=LISTSTATUS&user.name=etl');
  });

  test('several operations may be named; a file that has moved is told as renamed', async () => {
    await using node = await nameNode();
    for (const [index, name] of ['keep', 'moved', 'gone', 'changed'].entries()) {
      node.files.set(`/in/${name}.csv`, { fileId: index });
    }
    await using harness = await startHarness();
    await declare(harness, { addresses: [node.address], type: 'REMOVE|RENAME|WRITE' });
    await listed(harness);
    node.files.delete('/in/moved.csv');
    node.files.set('/in/done/moved.old', { fileId: 1 });
    await eventually(async () => expect(await told(harness)).toHaveLength(1), WITHIN);
    node.files.delete('/in/gone.csv');
    await eventually(async () => expect(await told(harness)).toHaveLength(2), WITHIN);
    node.files.set('/in/changed.csv', { fileId: 3, length: 9 });
    await eventually(async () => expect(await told(harness)).toHaveLength(3), WITHIN);
    expect(await told(harness)).toEqual([
      'RENAME /in/moved.csv',
      'REMOVE /in/gone.csv',
      'WRITE /in/changed.csv',
    ]);
  });

  test('of two name nodes the one that is no standby is asked; a missing directory is told', async () => {
    await using first = await nameNode();
    await using second = await nameNode();
    second.files.set('/in/old.csv', { fileId: 1 });
    first.isStandby = true;
    await using harness = await startHarness();
    await declare(harness, { addresses: [first.address, second.address] });
    await listed(harness);
    second.isStandby = true;
    await eventually(async () => expect(await trouble(harness)).toContain('standby'), WITHIN);
    first.isStandby = false;
    await eventually(async () => expect(await trouble(harness)).toContain('not exist'), WITHIN);
    first.files.set('/in/old.csv', { fileId: 1 });
    first.files.set('/in/new.csv', { fileId: 2 });
    await eventually(
      async () => expect(await told(harness)).toEqual(['CREATE /in/new.csv']),
      WITHIN,
    );
    await eventually(async () => expect(await trouble(harness)).toBe(''), WITHIN);
  });

  test('settings that are wrong are told by field', () => {
    const problems = (settings: object): string =>
      createHdfsDriver()
        .problems({
          addresses: ['http://namenode:9870'],
          hdfsUser: 'etl',
          directory: '/in/',
          path: 'x.csv',
          type: 'CREATE',
          ...settings,
        })
        .join();
    expect(problems({})).toBe('');
    expect(problems({ addresses: ['namenode:8020'] })).toContain('http://namenode:9870');
    expect(problems({ hdfsUser: '' })).toContain('hdfsUser is missing');
    expect(problems({ krbRealm: 'X' })).toContain('krbRealm is not supported');
    expect(problems({ type: 'CREATE|MOVE' })).toContain('type must be one or several');
    expect(problems({ directory: '/in' })).toContain('directory must end in a slash');
    expect(problems({ checkInterval: 'soon' })).toContain('checkInterval must be a duration');
  });
});
