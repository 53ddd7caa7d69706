import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import type { ArtifactAccess, LogStream, RunnerTask, TaskOutcome } from '@argosy/runner';
import type { LogShipper } from './log-shipper.ts';

/** The container whose log is kept, and the artifact's name as with Argo. */
const MAIN = 'main';
const MAIN_LOGS = 'main-logs';

/** Keeps the log of a task's main container as an artifact, where `archiveLogs` asks for it. */
export interface LogArchive {
  readonly push: LogShipper['push'];
  /** Stores the log and adds it to the outcome. A log that cannot be stored is told and fails nothing. */
  addTo(outcome: TaskOutcome): Promise<TaskOutcome>;
}

export interface LogArchiveOptions {
  readonly task: RunnerTask;
  /** A file of this task alone, made here and removed again. */
  readonly file: string;
  readonly logs: LogShipper;
  readonly artifacts: ArtifactAccess;
  readonly onProblem: (problem: unknown) => void;
}

/** @returns an archive that only passes output on when the template does not ask for one. */
export function createLogArchive(options: LogArchiveOptions): LogArchive {
  const { task, logs } = options;
  if (task.template.archiveLocation?.archiveLogs !== true) {
    return { push: logs.push, addTo: (outcome) => Promise.resolve(outcome) };
  }
  let copy: WriteStream | undefined;
  return {
    push(stream: LogStream, container: string, chunk: Uint8Array) {
      if (container === MAIN) {
        copy ??= createWriteStream(options.file).on('error', options.onProblem);
        if (!copy.write(chunk.slice())) return bothTaken(copy, logs.push(stream, container, chunk));
      }
      return logs.push(stream, container, chunk);
    },
    async addTo(outcome) {
      if (copy === undefined) return outcome;
      try {
        copy.end();
        await finished(copy);
        return { ...outcome, artifacts: [...outcome.artifacts, await store(options)] };
      } catch (thrown) {
        options.onProblem(thrown);
        return outcome;
      } finally {
        await rm(options.file, { force: true });
      }
    },
  };
}

/** The task is held back while either the file or the bus is behind. */
async function bothTaken(copy: WriteStream, sent: Promise<void> | undefined): Promise<void> {
  await Promise.all([sent, copy.errored === null ? once(copy, 'drain') : undefined]);
}

async function store({ task, file, artifacts }: LogArchiveOptions) {
  const { archiveLogs: _, ...location } = task.template.archiveLocation ?? {};
  const { namespace, workflow, uid, podName } = task;
  const scope = { namespace, workflow, uid, podName, signal: AbortSignal.timeout(SAVE_MS_MAX) };
  const key = { s3: { key: `${workflow}/${podName}/${MAIN}.log` } };
  const hasLocation = Object.keys(location).length > 0;
  const place = hasLocation ? withFileName(location) : key;
  return artifacts.save({ name: MAIN_LOGS, archive: { none: {} }, ...place }, file, scope);
}

/** Longest time that storing a log may take, in milliseconds. */
const SAVE_MS_MAX = 60_000;

/** A location of the template is a folder: the log is one file in it. */
function withFileName(location: object): object {
  return Object.fromEntries(
    Object.entries(location).map(([kind, value]: [string, unknown]) => {
      const fields = value as Readonly<Record<string, unknown>>;
      const { key } = fields;
      return [kind, typeof key === 'string' ? { ...fields, key: `${key}/${MAIN}.log` } : fields];
    }),
  );
}
