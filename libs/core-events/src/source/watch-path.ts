import { err, ok, type Result } from '@argosy/base';
import { sprigFunctions } from '@argosy/lang';

/** What may happen to a file, by the names that Argo Events gives it. */
export const FILE_OPERATIONS = ['CREATE', 'WRITE', 'REMOVE', 'RENAME', 'CHMOD'] as const;

export type FileOperation = (typeof FILE_OPERATIONS)[number];

/** Which files of a directory are meant: exactly one of `path` and `pathRegexp`. */
export interface WatchPath {
  readonly directory: string;
  readonly path: string;
  readonly pathRegexp: string;
}

/**
 * Whether a file is meant, by its whole name. As in Argo Events the directory's text is taken off the front of
 * the name and what is left is `path`, or `pathRegexp` (Go's dialect) matches somewhere in it: a directory
 * without a slash at its end therefore leaves one before the rest.
 * @returns the sentence that says what is wrong with the pattern.
 */
export function compileWatchPath(watch: WatchPath): Result<(name: string) => boolean, string> {
  const { directory, path, pathRegexp } = watch;
  const restOf = (name: string): string =>
    name.startsWith(directory) ? name.slice(directory.length) : name;
  if (path !== '') return ok((name) => restOf(name) === path);
  const matches = sprigFunctions['mustRegexMatch'];
  if (matches === undefined) return err('pathRegexp cannot be evaluated');
  try {
    matches([pathRegexp, '']);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : 'unreadable';
    return err(`pathRegexp is no regular expression: ${reason}`);
  }
  return ok((name) => matches([pathRegexp, restOf(name)]) === true);
}
