import { ArgosyError } from '@argosy/base';
import type { FileOperation } from '@argosy/core-events';
import { pause } from '@argosy/shell';
import type { DriverContext, RunningDriver } from '../driver.ts';
import { dataText } from '../http/event-data.ts';
import { storePatiently } from '../patient-store.ts';
import { stableId } from '../stable-id.ts';
import { createTrouble, type Trouble } from '../trouble.ts';
import { changesBetween, type FileChange } from './changes.ts';
import { loadKnownFiles, saveKnownFiles, type KnownFiles } from './known-files.ts';
import { FILES_MAX, type Listing } from './listing.ts';

/** A directory somewhere: on this machine, at an SFTP server, in HDFS. */
export interface Directory {
  /** In messages, such as `the directory /data/`. */
  readonly name: string;
  /** @throws ArgosyError (or anything) when it cannot be looked at now. */
  list(isMeant: (name: string) => boolean, signal: AbortSignal): Promise<Listing>;
  /** The identities of all its files; asked for only when a file is gone. Default: none is known. */
  identities?(): Promise<ReadonlySet<string>>;
  /** Lets go of what it keeps open. */
  close?(): Promise<void>;
}

export interface FollowOptions {
  readonly context: DriverContext;
  readonly directory: Directory;
  /** What all depends on: with another one nothing is known yet. */
  readonly origin: string;
  readonly isMeant: (name: string) => boolean;
  /** The operations that become events. */
  readonly operations: ReadonlySet<FileOperation>;
  readonly dataOf: (change: FileChange) => string;
  readonly intervalMs: number;
  readonly newFilesAreWritten?: boolean;
  /** Resolves as soon as there is a reason to look before the interval is over. */
  readonly stirred?: (signal: AbortSignal) => Promise<void>;
  /** The names that came or went since it was last asked. */
  readonly takeTouched?: () => ReadonlySet<string>;
}

/** Wait before a directory that cannot be read is looked at again: doubles from the first to the second. */
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 30_000;
const NONE: ReadonlySet<string> = new Set();

/**
 * Looks at a directory again and again and stores what has changed. What is known of it is kept as a checkpoint,
 * so that what happens while nobody looks is found at the next start; the first look of all only takes note of
 * what is there. A directory that cannot be read is trouble and not a directory whose files are gone.
 */
export function followDirectory(options: FollowOptions): RunningDriver {
  const { context, directory, intervalMs } = options;
  const trouble = createTrouble(context);
  const stopping = new AbortController();
  const { signal } = stopping;

  async function run(): Promise<void> {
    let known: KnownFiles | undefined;
    let retryMs = RETRY_MS_MIN;
    let isLoaded = false;
    while (!signal.aborted) {
      try {
        if (!isLoaded) known = await loadKnownFiles(context.checkpoint, options.origin);
        isLoaded = true;
        const startedMs = performance.now();
        known = await lookOnce(options, known, { trouble, signal });
        trouble.tell('directory', undefined);
        retryMs = RETRY_MS_MIN;
        // Half of the time at most is spent with looking, however much goes on there.
        await pause(Math.min(performance.now() - startedMs, intervalMs), signal);
        await untilNextLook();
      } catch (error) {
        if (signal.aborted) return;
        const { message } = ArgosyError.fromUnknown(error);
        trouble.tell('directory', `${directory.name} cannot be followed: ${message}`);
        await pause(retryMs, signal);
        retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
      }
    }
  }

  async function untilNextLook(): Promise<void> {
    const waiting = new AbortController();
    const either = AbortSignal.any([signal, waiting.signal]);
    const stirred = options.stirred?.(either);
    await Promise.race([pause(intervalMs, either), ...(stirred === undefined ? [] : [stirred])]);
    waiting.abort();
  }

  const running = run();
  return {
    health: () => trouble.health(),
    async stop() {
      stopping.abort();
      await running;
      await directory.close?.();
    },
  };
}

/** The data of an event as JSON text. */
export function fileEventData(
  change: Pick<FileChange, 'name' | 'operation'>,
  metadata: Readonly<Record<string, string>> | undefined,
): string {
  const { name, operation } = change;
  return dataText({ name: JSON.stringify(name), op: JSON.stringify(operation) }, metadata);
}

/** One look. @returns what is known after it. */
async function lookOnce(
  options: FollowOptions,
  known: KnownFiles | undefined,
  scope: { readonly trouble: Trouble; readonly signal: AbortSignal },
): Promise<KnownFiles | undefined> {
  const { context, directory, origin } = options;
  const touched = options.takeTouched?.() ?? NONE;
  const files = await directory.list(options.isMeant, scope.signal);
  if (files.size > FILES_MAX) {
    const message = `more than ${FILES_MAX} files match; narrow path or pathRegexp`;
    throw new ArgosyError('RESOURCE_EXHAUSTED', message);
  }
  if (known === undefined) {
    const first: KnownFiles = { origin, round: 0, files };
    await saveKnownFiles(context.checkpoint, first);
    return first;
  }
  const changes = await changesSince(options, known.files, files, touched);
  if (changes.length === 0) return known;
  for (const change of changes) {
    if (!options.operations.has(change.operation)) continue;
    if (!(await storeChange(change, { options, round: known.round, ...scope }))) return known;
  }
  const next: KnownFiles = { origin, round: known.round + 1, files };
  await saveKnownFiles(context.checkpoint, next);
  return next;
}

async function changesSince(
  options: FollowOptions,
  before: Listing,
  after: Listing,
  touched: ReadonlySet<string>,
): Promise<readonly FileChange[]> {
  const isGone = Array.from(before.keys()).some((name) => !after.has(name));
  const presentIdentities = isGone ? ((await options.directory.identities?.()) ?? NONE) : NONE;
  return changesBetween(before, after, {
    presentIdentities,
    touched: new Set(Array.from(touched).filter(options.isMeant)),
    newFilesAreWritten: options.newFilesAreWritten ?? false,
  });
}

/** @returns false when the driver stops before the event is stored. */
async function storeChange(
  change: FileChange,
  scope: {
    readonly options: FollowOptions;
    readonly round: number;
    readonly trouble: Trouble;
    readonly signal: AbortSignal;
  },
): Promise<boolean> {
  const { context, dataOf } = scope.options;
  const { name, operation, entry } = change;
  // After a crash between the event and the checkpoint the same look finds the same thing in the same round.
  const id = stableId(
    context,
    scope.round,
    name,
    operation,
    `${entry.identity}/${entry.sizeBytes}/${entry.modifiedMs}/${entry.access}`,
  );
  const data = new TextEncoder().encode(dataOf(change));
  const outcome = await storePatiently({ id, data }, { context, ...scope });
  return outcome.kind !== 'Stopped';
}
