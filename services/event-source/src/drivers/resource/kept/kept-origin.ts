import { BUCKETS, CLUSTER_NAMESPACE, subjectToken, textOfToken } from '@argosy/api';
import type { Bus, KeyValueEntry } from '@argosy/bus';
import type { RunSummary } from '@argosy/core-workflow';
import { followBucket, type KeptObjects } from '@argosy/shell';
import type { ObjectListener, ObjectOrigin, ObservedObject } from '../origin.ts';
import type { KeptKind } from './kept-kinds.ts';
import { listedRun, runLabels } from './run-object.ts';

export interface KeptOriginOptions {
  readonly bus: Bus;
  readonly objects: Pick<KeptObjects, 'get'> | undefined;
  /** Empty: all. */
  readonly namespace: string;
}

/**
 * The objects that this installation keeps: runs by their index, all others by their manifests. Revisions of
 * the bucket are their versions.
 */
export function createKeptOrigin(kind: KeptKind, options: KeptOriginOptions): ObjectOrigin {
  const bucketName = kind.kind === 'Workflow' ? BUCKETS.runs : BUCKETS.resources;
  return {
    identity: 'kept',
    follow: (listener, { signal }) =>
      followBucket({
        bucket: () => options.bus.keyValue(bucketName),
        pattern: patternOf(kind, options.namespace),
        keys: () => listener.keys(),
        ...callbacks(kind, options, listener),
        signal,
      }),
  };
}

function patternOf({ kind, isCluster }: KeptKind, namespace: string): string {
  const place = isCluster ? CLUSTER_NAMESPACE : namespace;
  const inPlace = place === '' ? '>' : `${subjectToken(place)}.>`;
  return kind === 'Workflow' ? inPlace : `${subjectToken(kind.toLowerCase())}.${inPlace}`;
}

type Callbacks = Pick<
  Parameters<typeof followBucket>[0],
  'onEntry' | 'onGone' | 'onCaughtUp' | 'onLost'
>;

/** Entries come in the order of their revisions, so that after the first look each is a position. */
function callbacks(
  { kind }: KeptKind,
  options: KeptOriginOptions,
  listener: ObjectListener,
): Callbacks {
  let isCaughtUp = false;
  let lastRevision = 0;
  return {
    async onEntry(entry) {
      const object = kind === 'Workflow' ? runOf(entry, options) : manifestOf(entry);
      if (object === undefined) await listener.gone(entry.key);
      else await listener.object(object);
      lastRevision = Math.max(lastRevision, entry.revision);
      if (isCaughtUp) listener.at(String(lastRevision));
    },
    onGone: (key) => listener.gone(key),
    onCaughtUp() {
      isCaughtUp = true;
      listener.trouble(undefined);
      listener.at(String(lastRevision));
    },
    onLost(reason) {
      isCaughtUp = false;
      listener.trouble(`the objects are not followed: ${reason}`);
    },
  };
}

/** A run, from the moment when its name is taken. */
function runOf(entry: KeyValueEntry, options: KeptOriginOptions): ObservedObject | undefined {
  const summary = parsed(entry.value) as RunSummary | undefined;
  if (summary === undefined) return undefined;
  const { name, namespace, uid } = summary;
  const version = String(entry.revision);
  const text = JSON.stringify(listedRun(summary, version));
  const { objects } = options;
  const wholeText = async (signal: AbortSignal): Promise<string> => {
    const whole = await objects?.get({ kind: 'Workflow', namespace, name }, signal);
    // Deleted meanwhile, or another one of this name: what lists showed is what is left.
    if (whole === undefined || whole.metadata['uid'] !== uid) return text;
    // The run is further already; its next phase is told with the entry that says so, and not twice.
    if (phaseOf(whole['status']) !== summary.phase) return text;
    const metadata = { ...whole.metadata, resourceVersion: version };
    return JSON.stringify({ ...whole, metadata });
  };
  return {
    key: entry.key,
    name,
    uid,
    version,
    createdMs: msOf(summary.createdAt),
    labels: runLabels(summary),
    text,
    ...(objects === undefined ? {} : { wholeText }),
  };
}

function phaseOf(status: unknown): string {
  return (status as { readonly phase?: string } | undefined)?.phase ?? '';
}

interface DeclaredManifest {
  readonly metadata?: {
    readonly uid?: string;
    readonly creationTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

function manifestOf(entry: KeyValueEntry): ObservedObject | undefined {
  const manifest = parsed(entry.value) as DeclaredManifest | undefined;
  if (manifest === undefined) return undefined;
  const name = textOfToken(entry.key.split('.')[2] ?? '') ?? '';
  const version = String(entry.revision);
  const { uid = entry.key, creationTimestamp, labels = {} } = manifest.metadata ?? {};
  const metadata = { ...manifest.metadata, resourceVersion: version };
  return {
    key: entry.key,
    name,
    uid,
    version,
    createdMs: msOf(creationTimestamp),
    labels,
    text: JSON.stringify({ ...manifest, metadata }),
  };
}

/** What is no JSON object counts as absent. */
function parsed(value: Uint8Array | undefined): object | undefined {
  if (value === undefined) return undefined;
  try {
    const object: unknown = JSON.parse(new TextDecoder().decode(value));
    return typeof object === 'object' && object !== null ? object : undefined;
  } catch {
    return undefined;
  }
}

function msOf(time: string | undefined): number | undefined {
  const timeMs = Date.parse(time ?? '');
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
