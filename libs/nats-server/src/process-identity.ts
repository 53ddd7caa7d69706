import { readFile } from 'node:fs/promises';
import { runCommand } from './run-command.ts';

const PS_TIMEOUT_MS = 5_000;

/** What tells a process from a later one that was given the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, in words of the system; only to be compared. */
  readonly startedAt: string;
  readonly command: string;
}

/** The live process of that number, or undefined. Zombies count as dead. */
export async function identityOf(pid: number): Promise<ProcessIdentity | undefined> {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return process.platform === 'linux' ? identityFromProc(pid) : identityFromPs(pid);
}

async function identityFromProc(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    // The second field is the program's name in parentheses and may hold spaces; count from its
    // end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const isZombie = fields[0] === 'Z';
    const startedAt = fields[19];
    if (isZombie || startedAt === undefined) return undefined;
    return { pid, startedAt, command: command.replaceAll('\0', ' ').trim() };
  } catch {
    return undefined;
  }
}

async function identityFromPs(pid: number): Promise<ProcessIdentity | undefined> {
  const args = ['-o', 'state=,lstart=,command=', '-p', String(pid)];
  const line = await runCommand('ps', args, { timeoutMs: PS_TIMEOUT_MS }).catch(() => '');
  const match = /^\s*(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/m.exec(line);
  if (match === null || match[1]?.startsWith('Z') === true) return undefined;
  return { pid, startedAt: match[2] ?? '', command: match[3] ?? '' };
}
