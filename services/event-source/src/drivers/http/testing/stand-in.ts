import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StandInCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON, or undefined. */
  readonly body: unknown;
}

/** Stands in for the APIs of providers: lists of things by path, which can be created, changed, deleted. */
export interface StandIn extends AsyncDisposable {
  readonly url: string;
  readonly calls: readonly StandInCall[];
  at(path: string): readonly object[];
  put(path: string, thing: object): void;
}

export async function startStandIn(
  options: {
    /** So many of the first calls are refused with 401. */
    readonly refusals?: number;
    /** The first lists are answered when so many have been asked for. */
    readonly listsWait?: number;
  } = {},
): Promise<StandIn> {
  const lists = new Map<string, Map<string, object>>();
  const calls: StandInCall[] = [];
  let lastId = 0;
  let refusals = options.refusals ?? 0;
  const gate = createGate(options.listsWait ?? 1);

  const listAt = (path: string): Map<string, object> => {
    const list = lists.get(path) ?? new Map<string, object>();
    lists.set(path, list);
    return list;
  };
  const create = (path: string, body: object): object => {
    lastId += 1;
    const thing = { id: lastId, uuid: `{${lastId}}`, ...body };
    listAt(path).set(String(lastId), thing);
    return thing;
  };
  const answer = async ({ method, path, body }: StandInCall): Promise<unknown> => {
    if (path.endsWith('/access_tokens')) return { token: 'installation-token' };
    if (method === 'GET') {
      const things = Array.from(listAt(path).values());
      await gate();
      return isPaged(path) ? { values: things, data: things, isLastPage: true } : things;
    }
    if (method === 'POST') return create(path, (body ?? {}) as object);
    const [, place = '', id = ''] = /^(.*)\/([^/]*)$/.exec(path) ?? [];
    const key = decodeURIComponent(id).replaceAll(/[{}]/g, '');
    const present = listAt(place).get(key);
    if (method === 'DELETE') listAt(place).delete(key);
    else if (present !== undefined) {
      listAt(place).set(key, { ...present, ...(body as object) });
    }
    return {};
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const path = (request.url ?? '').split('?')[0] ?? '';
      const { method = '', headers } = request;
      const call = { method, path, headers, text, body: parsed(text) };
      calls.push(call);
      if (refusals > 0) {
        refusals -= 1;
        response.writeHead(401).end('{"message":"Bad credentials"}');
        return;
      }
      void answer(call).then((value) => response.end(JSON.stringify(value)));
    });
  });
  const url = await listening(server);
  return {
    url,
    calls,
    at: (path) => Array.from(listAt(path).values()),
    put: (path, thing) => void create(path, thing),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listening(server: Server): Promise<string> {
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

/** Both Bitbuckets and Stripe put lists into an object. */
function isPaged(path: string): boolean {
  return /^\/(rest|repositories|v1)\//.test(path);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Holds all who come until there are so many; later ones go through. */
function createGate(count: number): () => Promise<void> {
  let come = 0;
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return async () => {
    come += 1;
    if (come >= count) open();
    await opened;
  };
}
