import type { RunHeader } from './input.ts';

/** Whether the run's spec names locks. */
export function hasLocks({ spec }: RunHeader): boolean {
  const { semaphores = [], mutexes = [] } = spec.synchronization ?? {};
  return semaphores.length + mutexes.length > 0;
}
