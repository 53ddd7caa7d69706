import { ArgosyError, err, ok, type Refusal, type Result } from '@argosy/base';
import { step, type Fact, type RunHeader, type State } from '@argosy/core-workflow';
import { traceFields, type Logger } from '@argosy/telemetry';
import { FACT_BYTES_MAX } from './config.ts';
import type { LoadedRun, RunLog, TooLarge } from './run-log.ts';

/**
 * Ends a run in Error whose next facts are too large to be kept: without that its command would come again and again.
 * The loaded run is then what its log says.
 * @throws ArgosyError CONFLICT and others of the log.
 */
export async function endOversizedRun(
  tools: { readonly log: RunLog; readonly logger: Logger; readonly now: () => number },
  uid: string,
  failed: {
    readonly run: LoadedRun;
    readonly facts: readonly Fact[];
    readonly tooLarge: TooLarge;
  },
): Promise<void> {
  const { log, logger, now } = tools;
  const { run, facts, tooLarge } = failed;
  const { traceparent } = run;
  const reload = async (): Promise<void> => {
    Object.assign(run, await log.load(uid, { fence: run.fence }));
    run.traceparent ??= traceparent;
  };
  await reload();
  const end = { state: run.state, facts, message: oversizeMessage(tooLarge), at: now() };
  logger.warn({ uid, bytes: tooLarge.bytes, ...traceFields(traceparent) }, 'a run is too large');
  const decided = endOversized(end);
  if (!decided.ok) throw new ArgosyError('INTERNAL', decided.error.message);
  const appended = await log.append(uid, run, decided.value);
  if (!appended.ok) await log.append(uid, run, bareEnd(end));
  await reload();
}

/** Why a run has ended that would have had to remember too much. */
export function oversizeMessage({ bytes }: TooLarge): string {
  return (
    `what happened next has ${bytes} bytes even when compressed, and the most is ${FACT_BYTES_MAX}: ` +
    'pass large values as artifacts, and use fewer or smaller items in a loop'
  );
}

/** What the end of a run is decided from. */
export interface OversizeEnd {
  /** The run as far as it is durable. */
  readonly state: State;
  /** The facts that could not be appended. */
  readonly facts: readonly Fact[];
  readonly message: string;
  readonly at: number;
}

/**
 * The facts that end a run in Error after one that was too large. What runs is terminated, as if a person had asked for
 * it; only the phase and the message of the run are its own.
 */
export function endOversized(end: OversizeEnd): Result<readonly Fact[], Refusal> {
  const { state, facts, message, at } = end;
  const rejection = { phase: 'Error', message } as const;
  const [first] = facts;
  if (first?.kind === 'RunSubmitted') {
    return decided(step(state, { kind: 'Submit', at, run: withoutContent(first.run, rejection) }));
  }
  const stopped = decided(step(state, { kind: 'Control', at, command: { kind: 'Terminate' } }));
  if (!stopped.ok) return stopped;
  const before = stopped.value.filter(({ kind }) => kind !== 'RunFinished');
  return ok([...before, { kind: 'RunFinished', at, ...rejection }]);
}

/** If even the end is too large: nothing but the end. */
export function bareEnd({ message, at }: OversizeEnd): readonly Fact[] {
  return [{ kind: 'RunFinished', at, phase: 'Error', message }];
}

function decided(
  stepped: Result<{ readonly facts: readonly Fact[] }, Refusal>,
): Result<readonly Fact[], Refusal> {
  return stepped.ok ? ok(stepped.value.facts) : err(stepped.error);
}

/** The header of a run that can be seen, and holds nothing of what was too large. */
function withoutContent(run: RunHeader, rejection: NonNullable<RunHeader['rejection']>): RunHeader {
  const { uid, name, namespace, createdAtMs, creator } = run;
  const metadata = { uid, name, namespace };
  return {
    uid,
    name,
    namespace,
    createdAtMs,
    labels: {},
    annotations: {},
    manifest: { ...run.manifest, metadata, spec: {} },
    spec: {},
    storedTemplates: {},
    ...(creator === undefined ? {} : { creator }),
    rejection,
  };
}
