import { chmodSync, writeFileSync } from 'node:fs';
import { SCRIPT_PATH, type TaskRoot } from './task-root.ts';

const SCRIPT_MODE = 0o755;

/** Writes a script template's source where the task reads it; returns that path in the task's terms. */
export function placeScript(source: string, root: TaskRoot): string {
  const place = root.placeOf(SCRIPT_PATH);
  writeFileSync(place, root.rewrite(source), { mode: SCRIPT_MODE });
  chmodSync(place, SCRIPT_MODE);
  return SCRIPT_PATH;
}
