import { startInstallation } from '../../e2e/support/installation.ts';
import type { Table } from '../table.ts';
import { measureFirstTask } from './first-task.ts';
import { measurePosts } from './posts.ts';
import { measureSensor } from './sensor-rate.ts';

/** One row: what was measured, what was found, and what there is to compare it with. */
export interface EventRow {
  readonly what: string;
  readonly found: string;
  readonly argo?: string;
  readonly goal?: string;
}

/**
 * Measures the way of events, each service a process of its own: posts that are stored, posts until their task runs,
 * and events through a sensor. Argo Events was not measured on a like machine; what it waits for by its own design is
 * told where that is known.
 */
export async function measureEvents(wanted: string): Promise<Table> {
  const rows: EventRow[] = [];
  const isWanted = (name: string): boolean => name.includes(wanted);
  if (isWanted('posts') || isWanted('first-task')) {
    await using installation = await startInstallation();
    if (isWanted('posts')) rows.push(await measurePosts(installation));
    if (isWanted('first-task')) rows.push(...(await measureFirstTask(installation)));
  }
  for (const shape of ['filter', 'each', 'and'] as const) {
    if (isWanted(shape)) rows.push(await measureSensor(shape));
  }
  return {
    title: 'Events',
    head: ['measured', 'Argosy', 'Argo', 'goal'],
    rows: rows.map(({ what, found, argo, goal }) => [what, found, argo ?? '', goal ?? '']),
  };
}
