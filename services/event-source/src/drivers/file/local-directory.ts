import type { BigIntStats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Directory } from '../directory/follow-directory.ts';
import type { FileEntry, Listing } from '../directory/listing.ts';

/** Files that are looked at, at once. */
const LOOKS_AT_ONCE = 32;

/** A directory of this machine, without what is in directories below it. */
export function localDirectory(path: string): Directory {
  return {
    name: `the directory ${path}`,
    async list(isMeant) {
      const names = (await readdir(path)).map((name) => join(path, name)).filter(isMeant);
      return entriesOf(names);
    },
    async identities() {
      const names = (await readdir(path)).map((name) => join(path, name));
      const entries = await entriesOf(names);
      return new Set(Array.from(entries.values(), ({ identity }) => identity));
    },
  };
}

async function entriesOf(names: readonly string[]): Promise<Listing> {
  const entries = new Map<string, FileEntry>();
  for (let from = 0; from < names.length; from += LOOKS_AT_ONCE) {
    const part = names.slice(from, from + LOOKS_AT_ONCE);
    const found = await Promise.all(part.map(entryOf));
    part.forEach((name, index) => {
      const entry = found[index];
      if (entry !== undefined) entries.set(name, entry);
    });
  }
  return entries;
}

/** Undefined when it went away meanwhile. */
async function entryOf(name: string): Promise<FileEntry | undefined> {
  let stats: BigIntStats;
  try {
    stats = await lstat(name, { bigint: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const isDirectory = stats.isDirectory();
  return {
    sizeBytes: isDirectory ? 0 : Number(stats.size),
    modifiedMs: isDirectory ? 0 : Number(stats.mtimeNs) / 1e6,
    // An inode's number is used again, so the time of its birth goes with it.
    identity: `${stats.dev}:${stats.ino}:${stats.birthtimeNs}`,
    access: `${stats.mode.toString(8)}:${stats.uid}:${stats.gid}`,
  };
}
