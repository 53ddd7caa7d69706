import { ArgosyError } from '@argosy/base';
import { pause } from '@argosy/shell';
import type { ObjectListener, ObjectOrigin, ObservedObject } from '../origin.ts';
import type { ResourceSettings } from '../settings.ts';
import { ClusterRefusal, type ClusterClient, type ClusterQuestion } from './cluster-client.ts';

/** Times of the conversation with an API server. */
export interface ClusterTimes {
  /** An answer that does not come, or stops coming, is given up after it. */
  readonly answerIdleMs: number;
  /** The server is asked to end a watch after it; another one follows. */
  readonly watchSeconds: number;
  /** A watch that is silent for so long beyond that is given up. */
  readonly watchGraceMs: number;
  /** Wait before the server is asked again after trouble: doubles from the first to the second. */
  readonly retryMsMin: number;
  readonly retryMsMax: number;
}

export const CLUSTER_TIMES: ClusterTimes = {
  answerIdleMs: 30_000,
  watchSeconds: 240,
  watchGraceMs: 30_000,
  retryMsMin: 250,
  retryMsMax: 30_000,
};

/** What went well for so long and breaks off then is asked again with the shortest wait. */
const STEADY_MS = 30_000;
/** Objects per page of a list. */
const PAGE_SIZE = 250;
/** The server has forgotten the version that it was asked to go on from. */
const GONE = 410;

interface Talk {
  readonly client: ClusterClient;
  readonly settings: ResourceSettings;
  readonly times: ClusterTimes;
  readonly listener: ObjectListener;
  readonly signal: AbortSignal;
}

/**
 * Objects of a Kubernetes cluster: a list, then a watch from its version on, as long as the server remembers that
 * version; then a list again, of which only the differences are told.
 */
export function createClusterOrigin(
  settings: ResourceSettings,
  client: ClusterClient,
  times = CLUSTER_TIMES,
): ObjectOrigin {
  return {
    identity: `cluster ${client.server}`,
    async follow(listener, { from, signal }) {
      const talk = { client, settings, times, listener, signal };
      const place: Place = { version: undefined, from };
      let waitMs = times.retryMsMin;
      while (!signal.aborted) {
        const startedMs = performance.now();
        try {
          await step(talk, place);
          waitMs = times.retryMsMin;
        } catch (error) {
          if (signal.aborted) return;
          listener.trouble(ArgosyError.fromUnknown(error).message);
          if (performance.now() - startedMs > STEADY_MS) waitMs = times.retryMsMin;
          await pause(waitMs, signal);
          waitMs = Math.min(waitMs * 2, times.retryMsMax);
        }
      }
    },
  };
}

/** Where the conversation is. */
interface Place {
  /** All until then is told; undefined: a list is needed. */
  version: string | undefined;
  /** Version that an earlier time ended with, until a list was had. */
  from: string | undefined;
}

/** A list, if one is needed, and one watch. */
async function step(talk: Talk, place: Place): Promise<void> {
  place.version ??= await listFirst(talk, place.from);
  place.from = undefined;
  talk.listener.at(place.version);
  const startedMs = performance.now();
  await watchOnce(talk, place);
  // A server that ends each watch at once is not to be asked without a pause.
  if (performance.now() - startedMs < talk.times.retryMsMin) {
    await pause(talk.times.retryMsMin, talk.signal);
  }
}

/**
 * Lists the objects as they were at the version of an earlier time, so that the watch tells all that happened since
 * then; where the server has forgotten it, as they are.
 */
async function listFirst(talk: Talk, from: string | undefined): Promise<string> {
  if (from !== undefined) {
    try {
      return await list(talk, { resourceVersion: from, resourceVersionMatch: 'Exact' });
    } catch (error) {
      if (!(error instanceof ClusterRefusal) || isDenied(error.status)) throw error;
    }
  }
  try {
    return await list(talk, {}, from);
  } catch (error) {
    // The version of the first page may be forgotten before the last one is asked for.
    if (!(error instanceof ClusterRefusal) || error.status !== GONE) throw error;
    return list(talk, { limit: '0' }, from);
  }
}

function isDenied(status: number): boolean {
  return status === 401 || status === 403;
}

interface ListAnswer {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly ClusterObject[] | null;
}

interface ClusterObject {
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly creationTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** Tells all that is there and what is gone. @returns the version of the list */
async function list(
  talk: Talk,
  query: Readonly<Record<string, string>>,
  from?: string,
): Promise<string> {
  const { listener } = talk;
  const unseen = new Set(listener.keys());
  let version: string | undefined;
  for await (const page of pagesOf(talk, query)) {
    const isFirst = version === undefined;
    version ??= page.metadata?.resourceVersion ?? '';
    if (isFirst && from !== undefined && isEarlier(version, from)) listener.countsAnew();
    for (const item of page.items ?? []) {
      const object = observed(completed(item, page));
      unseen.delete(object.key);
      await listener.object(object);
    }
  }
  for (const key of unseen) await listener.gone(key);
  return version ?? '';
}

async function* pagesOf(
  talk: Talk,
  query: Readonly<Record<string, string>>,
): AsyncGenerator<ListAnswer> {
  const { client, times } = talk;
  let token = '';
  do {
    // A page after the first one is of the version that its token names.
    const which = token === '' ? query : { continue: token };
    const asked = { limit: String(PAGE_SIZE), ...which };
    const page = listAnswer(await client.get(question(talk, asked, times.answerIdleMs)));
    yield page;
    token = page.metadata?.continue ?? '';
  } while (token !== '');
}

/** A cluster that was made anew counts from the beginning. */
function isEarlier(version: string, than: string): boolean {
  const areNumbers = /^\d+$/.test(version) && /^\d+$/.test(than);
  return areNumbers && BigInt(version) < BigInt(than);
}

function listAnswer(text: string): ListAnswer {
  try {
    return JSON.parse(text) as ListAnswer;
  } catch {
    throw new ArgosyError('UNAVAILABLE', "the API server's answer is not JSON");
  }
}

/** In lists of the core kinds the items do not say what they are. */
function completed(item: ClusterObject, { apiVersion, kind = '' }: ListAnswer): ClusterObject {
  return { apiVersion, kind: kind.replace(/List$/, ''), ...item };
}

function observed(object: ClusterObject): ObservedObject {
  const { name = '', namespace = '', uid, resourceVersion = '' } = object.metadata ?? {};
  const { creationTimestamp = '', labels = {} } = object.metadata ?? {};
  const key = `${namespace}/${name}`;
  const createdMs = Date.parse(creationTimestamp);
  return {
    key,
    name,
    uid: uid ?? key,
    version: resourceVersion,
    createdMs: Number.isNaN(createdMs) ? undefined : createdMs,
    labels,
    text: JSON.stringify(object),
  };
}

interface WatchLine {
  readonly type?: string;
  readonly object?: ClusterObject & { readonly code?: number; readonly message?: string };
}

/** Tells changes until the server ends the watch; it forgets the version when the server has. */
async function watchOnce(talk: Talk, place: Place): Promise<void> {
  const { client, times } = talk;
  const query = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: place.version ?? '',
    timeoutSeconds: String(times.watchSeconds),
  };
  const idleMs = times.watchSeconds * 1_000 + times.watchGraceMs;
  try {
    const opened = (): void => talk.listener.trouble(undefined);
    for await (const text of client.lines(question(talk, query, idleMs), opened)) {
      await hear(talk, place, listAnswer(text) as WatchLine);
    }
  } catch (error) {
    if (!(error instanceof ClusterRefusal) || error.status !== GONE) throw error;
    place.version = undefined;
  }
}

async function hear(talk: Talk, place: Place, line: WatchLine): Promise<void> {
  const { listener } = talk;
  const { type, object = {} } = line;
  if (type === 'ERROR') {
    const { code = 0, message = 'it gives no reason' } = object;
    throw new ClusterRefusal(code, `the API server ended the watch: ${message}`);
  }
  const seen = observed(object);
  if (type === 'ADDED' || type === 'MODIFIED') await listener.object(seen);
  if (type === 'DELETED') await listener.gone(seen.key, seen.text);
  if (seen.version === '') return;
  place.version = seen.version;
  listener.at(seen.version);
}

function question(
  { settings, signal }: Talk,
  query: Readonly<Record<string, string>>,
  idleMs: number,
): ClusterQuestion {
  const { group, version, resource, namespace, filter } = settings;
  const api = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const place = namespace === '' ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const labels = filter?.labels.text ?? '';
  return {
    path: `${api}${place}/${resource}`,
    query: { ...(labels === '' ? {} : { labelSelector: labels }), ...query },
    idleMs,
    signal,
  };
}
