import { ArgosyError } from '@argosy/base';
import type { RunSummary } from '@argosy/core-workflow';
import { LIST_MAX } from '../config.ts';
import { runMatcher, type RunFilter } from './run-filter.ts';
import type { RunIndex } from './run-index.ts';

export interface RunPage {
  readonly runs: readonly RunSummary[];
  /** Empty: that was all. */
  readonly continueToken: string;
  readonly remaining: number;
}

export interface PageRequest {
  /** 0 or absent: up to LIST_MAX. */
  readonly limit?: number;
  readonly continueToken?: string;
}

/**
 * Runs, newest first. The token holds the place after the last run of the page, so that runs that come
 * meanwhile neither repeat nor hide others.
 * @throws ArgosyError INVALID_ARGUMENT for a selector or token that cannot be read.
 */
export function listRuns(index: RunIndex, filter: RunFilter, page: PageRequest = {}): RunPage {
  const matches = runMatcher(filter);
  const after = placeOf(page.continueToken ?? '');
  const found = Array.from(index.all(), ([, summary]) => summary)
    .filter(matches)
    .toSorted(newestFirst);
  const rest = after === undefined ? found : found.filter((run) => comparePlaces(after, run) < 0);
  const asked = page.limit === undefined || page.limit <= 0 ? LIST_MAX : page.limit;
  const runs = rest.slice(0, Math.min(asked, LIST_MAX));
  const remaining = rest.length - runs.length;
  const last = runs.at(-1);
  const continueToken = remaining === 0 || last === undefined ? '' : tokenOf(last);
  return { runs, continueToken, remaining };
}

/** The newest run of a namespace. */
export function latestRun(index: RunIndex, namespace: string): RunSummary | undefined {
  return listRuns(index, { namespace }, { limit: 1 }).runs[0];
}

type Place = Pick<RunSummary, 'createdAt' | 'namespace' | 'name'>;

function newestFirst(one: Place, other: Place): number {
  return comparePlaces(one, other);
}

function comparePlaces(one: Place, other: Place): number {
  return (
    compare(other.createdAt, one.createdAt) ||
    compare(one.namespace, other.namespace) ||
    compare(one.name, other.name)
  );
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function tokenOf({ createdAt, namespace, name }: Place): string {
  return Buffer.from(JSON.stringify([createdAt, namespace, name])).toString('base64url');
}

function placeOf(token: string): Place | undefined {
  if (token === '') return undefined;
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (
      Array.isArray(parts) &&
      parts.length === 3 &&
      parts.every((part) => typeof part === 'string')
    ) {
      const [createdAt, namespace, name] = parts as [string, string, string];
      return { createdAt, namespace, name };
    }
  } catch {
    // Told below.
  }
  const message = 'The continue token is not one of this server: list again from the start.';
  throw new ArgosyError('INVALID_ARGUMENT', message);
}
