// For tests: a server that speaks as much of Kubernetes' API as a list and a watch of ConfigMaps take, and whose faults
// are made at will.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { matchesLabels, parseLabelSelector } from '@argosy/lang';

interface ConfigMap {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly creationTimestamp: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly data: Readonly<Record<string, string>>;
}

interface Change {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: ConfigMap;
}

export interface StandIn extends AsyncDisposable {
  readonly url: string;
  /** The requests so far, as `list` or `watch` with their queries. */
  readonly requests: readonly string[];
  put(name: string, n: string, labels?: Readonly<Record<string, string>>): void;
  remove(name: string): void;
  /** What happened before this moment is remembered no more. */
  compact(): void;
  /** Ends the connections of all watches, in the middle of what they say. */
  dropWatches(): void;
  /** Sends each watch a mark of the newest version. */
  bookmark(): void;
  /** The next answers to lists wait for so long, milliseconds. */
  slowMs: number;
  /** Status that everything is answered with; undefined: as it should be. */
  refusal: number | undefined;
  /** Whether a watch is refused in its first line, as some servers do, and not by its status. */
  refusesInLine: boolean;
}

const CREATED = '2030-01-01T00:00:00Z';

interface ObjectHistory {
  /** The newest version. Some way on from the beginning, since a real server has other objects, too. */
  version: number;
  /** What was before it is forgotten. */
  oldest: number;
  readonly changes: readonly Change[];
  /** The objects as they were at a version. */
  at(version: number): readonly ConfigMap[];
  put(name: string, n: string, labels?: Readonly<Record<string, string>>): void;
  remove(name: string): void;
}

function createHistory(onChange: (change: Change) => void): ObjectHistory {
  const objects = new Map<string, ConfigMap>();
  const changes: Change[] = [];
  const record = (type: Change['type'], object: ConfigMap): void => {
    const change = { version: history.version, type, object };
    changes.push(change);
    onChange(change);
  };
  const history: ObjectHistory = {
    version: 100,
    oldest: 0,
    changes,
    at(version) {
      const found = new Map<string, ConfigMap>();
      for (const { version: when, type, object } of changes) {
        if (when > version) break;
        if (type === 'DELETED') found.delete(object.metadata.name);
        else found.set(object.metadata.name, object);
      }
      return Array.from(found.values());
    },
    put(name, n, labels = {}) {
      history.version += 1;
      const last = objects.get(name);
      const metadata = {
        name,
        namespace: 'default',
        uid: last?.metadata.uid ?? `uid-${name}-${history.version}`,
        resourceVersion: String(history.version),
        creationTimestamp: CREATED,
        labels,
      };
      const object = { metadata, data: { n } };
      objects.set(name, object);
      record(last === undefined ? 'ADDED' : 'MODIFIED', object);
    },
    remove(name) {
      const last = objects.get(name);
      if (last === undefined) throw new Error(`there is no ${name}`);
      history.version += 1;
      objects.delete(name);
      const metadata = { ...last.metadata, resourceVersion: String(history.version) };
      record('DELETED', { ...last, metadata });
    },
  };
  return history;
}

/** One page of a list, as JSON; undefined when it is of a version that is forgotten. Pages are of two. */
function listPage(history: ObjectHistory, query: URLSearchParams): string | undefined {
  const [fromText, atText] = (query.get('continue') ?? '').split('@');
  const exact = query.get('resourceVersionMatch') === 'Exact' ? query.get('resourceVersion') : null;
  const at = Number(atText ?? exact ?? history.version);
  if (at < history.oldest) return undefined;
  const selector = parseLabelSelector(query.get('labelSelector') ?? '');
  const matching = history
    .at(at)
    .filter(({ metadata }) => selector.ok && matchesLabels(selector.value, metadata.labels));
  const from = Number(fromText ?? 0);
  const limit = query.get('limit') === '0' ? matching.length : 2;
  const more = matching.length > from + limit ? { continue: `${from + limit}@${at}` } : {};
  const items = matching.slice(from, from + limit);
  const metadata = { resourceVersion: String(at), ...more };
  return JSON.stringify({ kind: 'ConfigMapList', apiVersion: 'v1', metadata, items });
}

/** Starts the stand-in, for the token `secret`. */
export async function startStandIn(): Promise<StandIn> {
  const requests: string[] = [];
  const watches = new Set<ServerResponse>();
  const state = { slowMs: 0, refusal: undefined as number | undefined, refusesInLine: false };
  const history = createHistory((change) => {
    for (const response of watches) tell(response, change);
  });

  function watch(query: URLSearchParams, response: ServerResponse): void {
    const from = Number(query.get('resourceVersion'));
    if (from < history.oldest) {
      if (!state.refusesInLine) return refuse(response, 410, 'too old resource version');
      tell(response, { type: 'ERROR', object: { code: 410, message: 'too old' } });
      response.end();
      return;
    }
    response.flushHeaders();
    for (const change of history.changes) if (change.version > from) tell(response, change);
    watches.add(response);
    response.on('close', () => watches.delete(response));
  }
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
    const isWatch = searchParams.get('watch') === 'true';
    requests.push(`${isWatch ? 'watch' : 'list'} ${pathname} ${searchParams.toString()}`);
    if (state.refusal !== undefined) return refuse(response, state.refusal, 'no such right');
    if (request.headers.authorization !== 'Bearer secret') return refuse(response, 401, 'no token');
    if (isWatch) return watch(searchParams, response);
    if (state.slowMs > 0) await new Promise((resolve) => setTimeout(resolve, state.slowMs));
    const page = listPage(history, searchParams);
    if (page === undefined) refuse(response, 410, 'too old resource version');
    else response.end(page);
  }

  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    put: history.put,
    remove: history.remove,
    compact() {
      history.version += 1;
      history.oldest = history.version;
    },
    dropWatches() {
      for (const response of watches) {
        response.write('{"type":"MODI');
        response.socket?.end();
      }
    },
    bookmark() {
      const metadata = { resourceVersion: String(history.version) };
      for (const response of watches) tell(response, { type: 'BOOKMARK', object: { metadata } });
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

function tell(
  response: ServerResponse,
  { type, object }: { readonly type: string; readonly object: unknown },
): void {
  response.write(`${JSON.stringify({ type, object })}\n`);
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.statusCode = status;
  response.end(JSON.stringify({ kind: 'Status', code: status, message }));
}
