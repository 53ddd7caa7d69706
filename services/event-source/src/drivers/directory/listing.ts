/** What is known of one file at one look. Two files are the same as long as their `identity` is. */
export interface FileEntry {
  /** 0 for a directory. */
  readonly sizeBytes: number;
  /** When its content was last changed, Unix milliseconds; 0 for a directory. */
  readonly modifiedMs: number;
  /** What tells a file from another one that took its name, such as its inode; empty when not known. */
  readonly identity: string;
  /** Owner and permissions; empty when not known. */
  readonly access: string;
}

/** The files that are meant, by their whole names. */
export type Listing = ReadonlyMap<string, FileEntry>;

/** Most files that one event follows; what is known of them has to fit into one checkpoint. */
export const FILES_MAX = 20_000;
