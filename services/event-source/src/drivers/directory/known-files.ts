import { gunzipSync, gzipSync } from 'node:zlib';
import type { CheckpointStore } from '../driver.ts';
import type { FileEntry, Listing } from './listing.ts';

/** What the checkpoint of a watched directory says. */
export interface KnownFiles {
  /** Of what it is known; a checkpoint of other settings is no good. */
  readonly origin: string;
  /** Counts the looks that found something; part of the ids of events. */
  readonly round: number;
  readonly files: Listing;
}

/** One file in a checkpoint: small, since there may be thousands. */
type Row = readonly [
  name: string,
  sizeBytes: number,
  modifiedMs: number,
  identity: string,
  access: string,
];

/** What was known when the last look was done with; undefined the first time. */
export async function loadKnownFiles(
  checkpoint: CheckpointStore,
  origin: string,
): Promise<KnownFiles | undefined> {
  const stored = await checkpoint.load();
  if (stored === undefined) return undefined;
  const known = parsed(stored);
  return known?.origin === origin ? known : undefined;
}

export function saveKnownFiles(checkpoint: CheckpointStore, known: KnownFiles): Promise<void> {
  const rows: readonly Row[] = Array.from(known.files, ([name, entry]) => [
    name,
    entry.sizeBytes,
    entry.modifiedMs,
    entry.identity,
    entry.access,
  ]);
  const text = JSON.stringify({ origin: known.origin, round: known.round, rows });
  return checkpoint.save(gzipSync(text));
}

/** Undefined for what another kind of source has left under the event's name. */
function parsed(stored: Uint8Array): KnownFiles | undefined {
  try {
    const { origin, round, rows } = JSON.parse(gunzipSync(stored).toString('utf8')) as {
      readonly origin: string;
      readonly round: number;
      readonly rows: readonly Row[];
    };
    const entryOf = (row: Row): readonly [string, FileEntry] => {
      const [name, sizeBytes, modifiedMs, identity, access] = row;
      return [name, { sizeBytes, modifiedMs, identity, access }];
    };
    return { origin, round, files: new Map(rows.map(entryOf)) };
  } catch {
    return undefined;
  }
}
