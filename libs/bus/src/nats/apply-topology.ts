import { ArgosyError } from '@argosy/base';
import { topology } from '../topology.ts';
import type { StreamDeclaration, TopologyOptions } from '../topology.ts';
import type { Requests } from './requests.ts';

const NANOSECONDS_PER_MS = 1_000_000;
const UNLIMITED = -1;

/** What `applyTopology` did, by name of stream. */
export interface TopologyReport {
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
}

type Config = Readonly<Record<string, unknown>>;

interface StreamInfo {
  readonly config: Config;
}

type Outcome = keyof TopologyReport;

/**
 * Makes the streams of the server as they are declared. What is missing is created, what differs
 * is changed; a change that could lose messages is refused, and then nothing else of that stream
 * is changed either.
 * @throws ArgosyError FAILED_PRECONDITION naming stream, field, both values and what to do.
 */
export async function applyTopologyOn(
  requests: Requests,
  options: TopologyOptions = {},
): Promise<TopologyReport> {
  const report = { created: [] as string[], changed: [] as string[], unchanged: [] as string[] };
  const outcomes = await Promise.all(
    topology(options).map(async (declaration) => {
      const outcome = await applyStream(requests, configOf(declaration, options));
      return { name: declaration.name, outcome };
    }),
  );
  for (const { name, outcome } of outcomes) report[outcome].push(name);
  return report;
}

async function applyStream(requests: Requests, wanted: Config): Promise<Outcome> {
  const name = String(wanted['name']);
  const existing = await findStream(requests, name);
  if (existing === undefined) {
    const isOurs = await requests.api(`STREAM.CREATE.${name}`, wanted).then(
      () => true,
      // Another replica was faster.
      (error: unknown) => ignoreExists(error),
    );
    return isOurs ? 'created' : applyStream(requests, wanted);
  }
  const changes = Object.entries(wanted).filter(
    ([field, value]) => !isSame(existing[field], value),
  );
  if (changes.length === 0) return 'unchanged';
  for (const [field, value] of changes) refuseLoss(name, field, existing[field], value);
  await requests.api(`STREAM.UPDATE.${name}`, { ...existing, ...wanted });
  return 'changed';
}

async function findStream(requests: Requests, name: string): Promise<Config | undefined> {
  try {
    return (await requests.api<StreamInfo>(`STREAM.INFO.${name}`, undefined)).config;
  } catch (error) {
    if (error instanceof ArgosyError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}

function ignoreExists(error: unknown): false {
  if (error instanceof ArgosyError && error.code === 'ALREADY_EXISTS') return false;
  throw error;
}

/** The configuration of a stream in the words of JetStream. */
function configOf(declaration: StreamDeclaration, options: TopologyOptions): Config {
  const isBucket = declaration.isBucket === true;
  const markerTtlMs = declaration.deleteMarkerTtlMs;
  return {
    name: declaration.name,
    description: declaration.description,
    subjects: declaration.subjects,
    retention: declaration.retention,
    storage: 'file',
    num_replicas: options.replicas ?? 1,
    max_age: (declaration.maxAgeMs ?? 0) * NANOSECONDS_PER_MS,
    max_bytes: declaration.maxBytes ?? UNLIMITED,
    max_msgs: UNLIMITED,
    max_msgs_per_subject: declaration.maxMessagesPerSubject ?? UNLIMITED,
    max_msg_size: UNLIMITED,
    discard: declaration.discard,
    discard_new_per_subject: declaration.discardNewPerSubject === true,
    duplicate_window: declaration.duplicateWindowMs * NANOSECONDS_PER_MS,
    allow_direct: true,
    allow_rollup_hdrs: isBucket,
    deny_delete: isBucket && !declaration.name.startsWith('OBJ_'),
    ...(markerTtlMs === undefined
      ? {}
      : {
          allow_msg_ttl: true,
          subject_delete_marker_ttl: markerTtlMs * NANOSECONDS_PER_MS,
        }),
  };
}

/** The server leaves out of its answers what is false, zero or empty. */
function isSame(actual: unknown, wanted: unknown): boolean {
  const isLeftOut = actual === undefined && (wanted === false || wanted === 0);
  return isLeftOut || JSON.stringify(actual) === JSON.stringify(wanted);
}

/** Fields that may be lowered only at the price of messages; 0 and -1 mean no limit. */
const LIMITS = new Set(['max_age', 'max_bytes', 'max_msgs_per_subject', 'max_msgs']);
/** Fields that another value would turn into a stream of another kind. */
const FIXED = new Set(['retention', 'storage', 'deny_delete', 'discard']);

function refuseLoss(name: string, field: string, actual: unknown, wanted: unknown): void {
  const isLoss =
    (FIXED.has(field) && actual !== undefined) ||
    (LIMITS.has(field) && limitOf(wanted) < limitOf(actual)) ||
    (field === 'subjects' && lacksSome(wanted, actual));
  if (!isLoss) return;
  throw new ArgosyError(
    'FAILED_PRECONDITION',
    `stream ${name}: ${field} is ${JSON.stringify(actual)} on the server and ${JSON.stringify(wanted)} is wanted; ` +
      'this change could lose messages, so it is not made. Configure the value that the server has, ' +
      `or change the stream yourself ("nats stream edit ${name}") once you are sure.`,
  );
}

function limitOf(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : Infinity;
}

function lacksSome(wanted: unknown, actual: unknown): boolean {
  const have = Array.isArray(wanted) ? wanted : [];
  return Array.isArray(actual) && actual.some((subject) => !have.includes(subject));
}
