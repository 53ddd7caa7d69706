import type { RunHeader } from './input.ts';

/** Whether the run has to wait for anything before it starts: locks that its spec names, or a place among the runs. */
export function hasLocks({ spec, slots = [] }: RunHeader): boolean {
  const { semaphores = [], mutexes = [] } = spec.synchronization ?? {};
  return semaphores.length + mutexes.length + slots.length > 0;
}
