import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeFacts, encodeFacts } from '@argosy/api';
import { fnv1a32 } from '@argosy/base';
import { renderWorkflow, workflowMachine, type Fact, type State } from '@argosy/core-workflow';

/** The facts of one run as they were stored, with what they meant when they were recorded. */
export interface RecordedLog {
  readonly name: string;
  /** Where the run came from. */
  readonly about: string;
  /** Messages of the log, in base64: batches of facts as the bus carries them. */
  readonly messages: readonly string[];
  /** FNV-1a of the rendered workflow after each message, so that every moment of the run is kept, not only its end. */
  readonly digests: readonly number[];
  /** The workflow at the end. */
  readonly rendered: unknown;
}

const FOLDER = join(import.meta.dirname, 'logs');

export function readLogs(): readonly RecordedLog[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => {
    return JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as RecordedLog;
  });
}

/** Records batches of facts with what they mean today. */
export function recordLog(
  name: string,
  about: string,
  batches: readonly (readonly Fact[])[],
): RecordedLog {
  const messages = batches.map((facts) => Buffer.from(encodeFacts(facts)).toString('base64'));
  let state = workflowMachine.initial();
  const digests = messages.map((message) => {
    state = foldInto(state, factsOf(message));
    return digestOf(state);
  });
  return { name, about, messages, digests, rendered: renderWorkflow(state) };
}

export function writeLog(log: RecordedLog): void {
  const text = JSON.stringify(log, null, 1);
  writeFileSync(join(FOLDER, `${log.name}.json`), `${text}\n`);
}

/** The facts of a message. */
export function factsOf(message: string): readonly Fact[] {
  return decodeFacts(Buffer.from(message, 'base64'));
}

export function foldInto(state: State, facts: readonly Fact[]): State {
  let next = state;
  for (const fact of facts) next = workflowMachine.evolve(next, fact);
  return next;
}

/** One number for the whole rendered workflow. */
export function digestOf(state: State): number {
  return fnv1a32(JSON.stringify(renderWorkflow(state)));
}
