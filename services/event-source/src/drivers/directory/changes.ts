import type { FileOperation } from '@argosy/core-events';
import type { FileEntry, Listing } from './listing.ts';

/** One thing that happened to one file between two looks. */
export interface FileChange {
  readonly name: string;
  readonly operation: FileOperation;
  /** The file now, or as it last was. */
  readonly entry: FileEntry;
}

export interface ChangeRules {
  /** The identities of all files that are there now, also of those that are not meant. */
  readonly presentIdentities: ReadonlySet<string>;
  /** Names that came or went at least once since the look before, whether they are there now or not. */
  readonly touched: ReadonlySet<string>;
  /** Whether content is told of a new file as well, as those who are told of each write do. */
  readonly newFilesAreWritten: boolean;
}

const UNKNOWN: FileEntry = { sizeBytes: 0, modifiedMs: 0, identity: '', access: '' };

/**
 * What happened between two looks, oldest first as far as it can be told. A file that is gone was renamed when
 * its identity is there under another name, else removed. One that came and went between the looks was both
 * created and removed, as far as its name was seen.
 */
export function changesBetween(
  before: Listing,
  after: Listing,
  rules: ChangeRules,
): readonly FileChange[] {
  const changes: FileChange[] = [];
  for (const [name, entry] of before) {
    if (after.has(name)) continue;
    const isElsewhere = entry.identity !== '' && rules.presentIdentities.has(entry.identity);
    changes.push({ name, operation: isElsewhere ? 'RENAME' : 'REMOVE', entry });
  }
  for (const name of rules.touched) {
    if (before.has(name) || after.has(name)) continue;
    changes.push({ name, operation: 'CREATE', entry: UNKNOWN });
    changes.push({ name, operation: 'REMOVE', entry: UNKNOWN });
  }
  const present = Array.from(after).sort(
    ([nameA, a], [nameB, b]) => a.modifiedMs - b.modifiedMs || (nameA < nameB ? -1 : 1),
  );
  for (const [name, entry] of present) {
    const operations = operationsOn(before.get(name), entry, rules);
    changes.push(...operations.map((operation) => ({ name, operation, entry })));
  }
  return changes;
}

function operationsOn(
  before: FileEntry | undefined,
  after: FileEntry,
  { newFilesAreWritten }: ChangeRules,
): readonly FileOperation[] {
  if (before?.identity !== after.identity) {
    return newFilesAreWritten && after.sizeBytes > 0 ? ['CREATE', 'WRITE'] : ['CREATE'];
  }
  const operations: FileOperation[] = [];
  const isWritten = before.sizeBytes !== after.sizeBytes || before.modifiedMs !== after.modifiedMs;
  if (isWritten) operations.push('WRITE');
  if (before.access !== after.access) operations.push('CHMOD');
  return operations;
}
