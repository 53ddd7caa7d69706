import { contextOf, type RunState } from './state.ts';

/**
 * The instant from which a finished run may be deleted, in milliseconds since the epoch; undefined while it goes on
 * and for a run that is to be kept. Of `ttlStrategy` the limit for the run's own end wins over the general one.
 */
export function deletionDueAt(state: RunState): number | undefined {
  if (state.finishedAt === 0) return undefined;
  const { run } = contextOf(state);
  // The spec of a run that was rejected is empty; its manifest may still say when it is to go.
  const ttl = run.spec.ttlStrategy ?? run.manifest.spec.ttlStrategy;
  const ofItsEnd =
    state.phase === 'Succeeded' ? ttl?.secondsAfterSuccess : ttl?.secondsAfterFailure;
  const seconds = ofItsEnd ?? ttl?.secondsAfterCompletion;
  return seconds === undefined ? undefined : state.finishedAt + seconds * 1_000;
}
