import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KILL_WAIT_MS_MAX } from '../limits.ts';
import { signalGroup } from './child-process.ts';

const RECORD_FILE = 'processes';

/** Environment variable by which processes of a task are recognised after their executor has died. */
export const TASK_DIRECTORY_VARIABLE = 'ARGOSY_TASK_DIRECTORY';

/** Notes a process group in its task's directory, so that a later executor can end it. */
export function recordProcess(taskDirectory: string, pid: number): void {
  appendFileSync(join(taskDirectory, RECORD_FILE), `${pid} ${processStartTime(pid) ?? '-'}\n`);
}

/**
 * Ends everything that tasks of a former executor left running, and removes their directories. To be
 * called before the first task, by the only executor on this directory.
 * @returns how many process groups were ended.
 */
export async function removeLeftOvers(tasksDirectory: string): Promise<number> {
  if (!existsSync(tasksDirectory)) return 0;
  const pids = new Set<number>(markedProcesses(tasksDirectory));
  const directories = readdirSync(tasksDirectory).map((name) => join(tasksDirectory, name));
  for (const directory of directories) {
    for (const pid of recordedProcesses(directory)) pids.add(pid);
  }
  const groups = new Set([...pids].map((pid) => groupOf(pid) ?? pid));
  const own = groupOf(process.pid);
  if (own !== undefined) groups.delete(own);
  for (const group of groups) signalGroup(group, 'SIGKILL');
  await whenGone([...pids]);
  for (const directory of directories) await removeTaskDirectory(directory);
  return groups.size;
}

/**
 * Removes a task's directory. Mounts live in namespaces that have ended; should one be visible here
 * nevertheless, nothing is removed, because that would reach into the host's own files.
 */
export async function removeTaskDirectory(directory: string): Promise<boolean> {
  if (await hasMountBelow(directory)) return false;
  await rm(directory, { recursive: true, force: true });
  return true;
}

async function hasMountBelow(directory: string): Promise<boolean> {
  const prefix = ` ${directory.replaceAll(' ', '\\040')}`;
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  return mounts.includes(`${prefix}/`) || mounts.includes(`${prefix} `);
}

function recordedProcesses(taskDirectory: string): readonly number[] {
  const file = join(taskDirectory, RECORD_FILE);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '))
    .filter(([pid, startTime]) => processStartTime(Number(pid)) === startTime)
    .map(([pid]) => Number(pid));
}

/** Kills every process of a container that has left its group (Linux only). */
export function killMarked(directory: string): void {
  for (const pid of markedProcesses(directory)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

/** Processes whose environment says that they belong to something in the directory (Linux only). */
function markedProcesses(directory: string): readonly number[] {
  if (process.platform !== 'linux') return [];
  const mark = `${TASK_DIRECTORY_VARIABLE}=${directory}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/environ`, 'latin1')
          .split('\0')
          .some((variable) => variable === mark || variable.startsWith(`${mark}/`));
      } catch {
        return false;
      }
    })
    .map(Number);
}

const GONE_POLL_MS = 5;

/** Resolves when all processes have ended, or after a bounded time; dead ones need not be reaped yet. */
async function whenGone(pids: readonly number[]): Promise<void> {
  const giveUpAtMs = performance.now() + KILL_WAIT_MS_MAX;
  const lives = (pid: number): boolean => !['Z', 'X', undefined].includes(statField(pid, 0));
  while (pids.some(lives) && performance.now() < giveUpAtMs) await delay(GONE_POLL_MS);
}

/** When a process started, in the kernel's ticks; process numbers are used again, start times are not. */
export function processStartTime(pid: number): string | undefined {
  return statField(pid, 19);
}

function groupOf(pid: number): number | undefined {
  const text = statField(pid, 2);
  return text === undefined ? undefined : Number(text);
}

/** A field of /proc/PID/stat, counted from the state, which follows the program's name in brackets. */
function statField(pid: number, index: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[index];
  } catch {
    return undefined;
  }
}
