import type { WorkflowFilterSchema, WorkflowSummary } from '@argosy/api';
import { ArgosyError, parseArgoDuration } from '@argosy/base';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { Connection } from '../client/connection.ts';
import type { GlobalOptions } from './context.ts';

/** Workflows chosen by what they are instead of by their names. */
export interface SelectionFlags {
  readonly selector?: string;
  readonly all?: boolean;
  readonly allNamespaces?: boolean;
  readonly completed?: boolean;
  readonly resubmitted?: boolean;
  readonly older?: string;
  readonly prefix?: string;
  readonly status?: string;
}

/** Names a run. An empty namespace is the gateway's default. */
export interface Target {
  readonly namespace: string;
  readonly name: string;
}

const FINISHED_PHASES = ['Succeeded', 'Failed', 'Error'];
const RESUBMITTED_LABEL = 'workflows.argoproj.io/resubmitted-from-workflow';

/**
 * Either names or flags say which runs are meant.
 * @throws ArgosyError INVALID_ARGUMENT when there is neither, or both.
 */
export function checkChoice(names: readonly string[], options: SelectionFlags): void {
  const isSelection = hasSelection(options);
  if (names.length > 0 && isSelection) {
    throw new ArgosyError('INVALID_ARGUMENT', 'name workflows or choose them by options, not both');
  }
  if (options.older !== undefined) momentBefore(options.older);
  if (names.length > 0 || isSelection) return;
  const message = 'name a workflow, or choose some with --selector (--help tells by what else)';
  throw new ArgosyError('INVALID_ARGUMENT', message);
}

/** The runs that are named, or those that the flags choose. */
export async function chosenRuns(
  connection: Connection,
  names: readonly string[],
  options: GlobalOptions & SelectionFlags,
): Promise<readonly Target[]> {
  if (names.length > 0) {
    return names.map((name) => ({ namespace: options.namespace ?? '', name }));
  }
  const found = await listAll(connection, options);
  return found.map(({ namespace, name }) => ({ namespace, name }));
}

function hasSelection(options: SelectionFlags): boolean {
  const { selector, all, completed, resubmitted, older, prefix, status } = options;
  return [selector, all, completed, resubmitted, older, prefix, status].some(
    (value) => value !== undefined && value !== false,
  );
}

async function listAll(
  connection: Connection,
  options: GlobalOptions & SelectionFlags,
): Promise<readonly WorkflowSummary[]> {
  const found: WorkflowSummary[] = [];
  let continueToken = '';
  do {
    const page = await connection.workflows.listWorkflows({
      namespace: options.allNamespaces === true ? '' : (options.namespace ?? 'default'),
      filter: filterOf(options),
      continueToken,
    });
    found.push(...page.workflows);
    continueToken = page.continueToken;
  } while (continueToken !== '');
  return found;
}

function filterOf(options: SelectionFlags): MessageInitShape<typeof WorkflowFilterSchema> {
  const { selector = '', completed, resubmitted, older, prefix = '', status = '' } = options;
  const labels = [selector, resubmitted === true ? RESUBMITTED_LABEL : ''];
  const phases = status.split(',').filter((phase) => phase !== '');
  return {
    labelSelector: labels.filter((label) => label !== '').join(','),
    phases: completed === true ? [...phases, ...FINISHED_PHASES] : phases,
    namePrefix: prefix,
    ...(older === undefined ? {} : { finishedBefore: timestampFromMs(momentBefore(older)) }),
  };
}

/** Milliseconds since 1970. */
function momentBefore(text: string): number {
  const days = /^(\d+)d$/.exec(text)?.[1];
  if (days !== undefined) return Date.now() - Number(days) * 24 * 3_600_000;
  const duration = parseArgoDuration(text);
  if (duration.ok) return Date.now() - duration.value;
  const message = `--older takes a time such as 10m, 3h or 1d, not "${text}"`;
  throw new ArgosyError('INVALID_ARGUMENT', message);
}
