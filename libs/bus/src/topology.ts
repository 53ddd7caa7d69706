import { BUCKETS, OBJECT_STORES, STREAMS } from '@argosy/api';

/** How a stream is to be. Limits that are not given do not exist. */
export interface StreamDeclaration {
  readonly name: string;
  readonly description: string;
  readonly subjects: readonly string[];
  /** `workqueue`: a message is removed when it is acked. */
  readonly retention: 'limits' | 'workqueue';
  readonly maxAgeMs?: number;
  readonly maxBytes?: number;
  readonly maxMessagesPerSubject?: number;
  /** At a limit: `old` forgets the oldest, `new` refuses the newcomer. */
  readonly discard: 'old' | 'new';
  /** With `new`: the limit per subject refuses too. */
  readonly discardNewPerSubject?: boolean;
  readonly duplicateWindowMs: number;
  /** Messages may carry a time to live; when one expires, a marker of that age tells watchers. */
  readonly deleteMarkerTtlMs?: number;
  /**
   * Key-value buckets and object stores: only whole subjects may be replaced, nothing deleted
   * singly.
   */
  readonly isBucket?: boolean;
}

/** What a deployment may choose. */
export interface TopologyOptions {
  /** Copies of every stream: 1 for the embedded server, 3 in a cluster. Default 1. */
  readonly replicas?: number;
  readonly eventsMaxAgeMs?: number;
  readonly eventsMaxBytes?: number;
  readonly factsMaxAgeMs?: number;
  readonly logsMaxAgeMs?: number;
  readonly logsMaxBytes?: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const GIBIBYTE = 1024 ** 3;

/** A retried publish or a webhook sent again within this time is stored once. */
const DUPLICATE_WINDOW_MS = 10 * MINUTE_MS;
const BUCKET_DUPLICATE_WINDOW_MS = 2 * MINUTE_MS;
const EVENTS_MAX_AGE_MS = 7 * DAY_MS;
const COMMANDS_MAX_AGE_MS = 7 * DAY_MS;
const LOGS_MAX_AGE_MS = 14 * DAY_MS;
const LOGS_MAX_BYTES = 4 * GIBIBYTE;
/** A snapshot only spares time: what nobody removed goes by itself, and the facts are folded instead. */
const SNAPSHOTS_MAX_AGE_MS = 30 * DAY_MS;
/** The shortest that nats-server allows is 1 s. */
const LEASE_MARKER_TTL_MS = 10_000;
/** What nobody redrives or deletes goes after this time. */
const DEAD_LETTERS_MAX_AGE_MS = 30 * DAY_MS;
/** Beyond it the oldest go: a failing target must not fill the disk. */
const DEAD_LETTERS_MAX_BYTES = GIBIBYTE;
const RESOURCE_HISTORY = 5;

/** All streams, buckets and object stores of Argosy: the one place that says so. */
export function topology(options: TopologyOptions = {}): readonly StreamDeclaration[] {
  return [
    ...streams(options),
    bucket(BUCKETS.resources, 'Declared manifests', RESOURCE_HISTORY),
    bucket(BUCKETS.runs, 'Index of workflow runs', 1),
    bucket(BUCKETS.sensorState, 'Pending events of sensors', 1),
    bucket(BUCKETS.syncLimits, 'Limits of semaphores', 1),
    bucket(BUCKETS.durations, 'How long runs of templates take', 1),
    {
      ...bucket(BUCKETS.leases, 'Ownership and presence', 1),
      deleteMarkerTtlMs: LEASE_MARKER_TTL_MS,
    },
    objectStore(OBJECT_STORES.artifacts, 'Artifacts of workflows'),
  ];
}

function streams(options: TopologyOptions): readonly StreamDeclaration[] {
  const common = { retention: 'limits', duplicateWindowMs: DUPLICATE_WINDOW_MS } as const;
  return [
    {
      ...common,
      name: STREAMS.events,
      description: 'Events of the outside world',
      subjects: ['events.>'],
      maxAgeMs: options.eventsMaxAgeMs ?? EVENTS_MAX_AGE_MS,
      ...(options.eventsMaxBytes === undefined ? {} : { maxBytes: options.eventsMaxBytes }),
      discard: 'new',
    },
    {
      ...common,
      name: STREAMS.commands,
      description: 'What the owners of runs are asked to do, and reports of tasks',
      subjects: ['cmd.>'],
      maxAgeMs: COMMANDS_MAX_AGE_MS,
      discard: 'new',
    },
    {
      ...common,
      name: STREAMS.facts,
      description: 'The history of every run',
      subjects: ['fact.>'],
      ...(options.factsMaxAgeMs === undefined ? {} : { maxAgeMs: options.factsMaxAgeMs }),
      discard: 'new',
    },
    {
      ...common,
      name: STREAMS.tasks,
      description: 'Tasks that wait for an executor or are at work',
      subjects: ['task.>'],
      retention: 'workqueue',
      maxMessagesPerSubject: 1,
      discard: 'new',
      discardNewPerSubject: true,
    },
    {
      ...common,
      name: STREAMS.logs,
      description: 'Output of tasks',
      subjects: ['log.>'],
      maxAgeMs: options.logsMaxAgeMs ?? LOGS_MAX_AGE_MS,
      maxBytes: options.logsMaxBytes ?? LOGS_MAX_BYTES,
      discard: 'old',
    },
    {
      ...common,
      name: STREAMS.snapshots,
      description: 'States of live runs, which spare folding all facts',
      subjects: ['snapshot.>'],
      maxAgeMs: SNAPSHOTS_MAX_AGE_MS,
      maxMessagesPerSubject: 1,
      discard: 'old',
    },
    {
      ...common,
      name: STREAMS.deadLetters,
      description: 'Firings of sensors whose triggers failed at all attempts',
      subjects: ['events-dlq.>'],
      maxAgeMs: DEAD_LETTERS_MAX_AGE_MS,
      maxBytes: DEAD_LETTERS_MAX_BYTES,
      // A firing that fails again takes the place of its older letter.
      maxMessagesPerSubject: 1,
      discard: 'old',
    },
  ];
}

function bucket(name: string, description: string, history: number): StreamDeclaration {
  return {
    name: `KV_${name}`,
    description,
    subjects: [`$KV.${name}.>`],
    retention: 'limits',
    maxMessagesPerSubject: history,
    discard: 'new',
    duplicateWindowMs: BUCKET_DUPLICATE_WINDOW_MS,
    isBucket: true,
  };
}

function objectStore(name: string, description: string): StreamDeclaration {
  return {
    name: `OBJ_${name}`,
    description,
    subjects: [`$O.${name}.C.>`, `$O.${name}.M.>`],
    retention: 'limits',
    discard: 'new',
    duplicateWindowMs: BUCKET_DUPLICATE_WINDOW_MS,
    isBucket: true,
  };
}
