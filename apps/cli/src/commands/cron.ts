import { ArgosyError } from '@argosy/base';
import { backfillWorkflows, type Backfill } from '@argosy/core-workflow';
import { parseGoTime, zoneOf, type Zone } from '@argosy/lang';
import { nameSuffix, type Workflow } from '@argosy/model';
import type { Connection } from '../client/connection.ts';
import { EXIT, withConnection, type CommandContext, type GlobalOptions } from './context.ts';
import { fetchOne } from './declared.ts';

/** `argosy cron suspend|resume NAME…` */
export async function suspendCronCommand(
  context: CommandContext,
  verb: 'suspend' | 'resume',
  request: { readonly names: readonly string[]; readonly options: GlobalOptions },
): Promise<number> {
  const { names, options } = request;
  return withConnection(context, options, async ({ resources }) => {
    for (const name of names) {
      const namespace = options.namespace ?? '';
      await resources.suspendCronWorkflow({ namespace, name, suspended: verb === 'suspend' });
      context.stdout.write(
        `cron workflow ${name} ${verb === 'suspend' ? 'suspended' : 'resumed'}\n`,
      );
    }
    return EXIT.ok;
  });
}

export interface BackfillFlags {
  readonly start: string;
  readonly end?: string;
  readonly format?: string;
  readonly name?: string;
  readonly argname: string;
  readonly parallel?: boolean;
  readonly maxworkflowcount: number;
}

/** `argosy cron backfill NAME --start TIME`: runs the instants of a time that has passed. */
export async function backfillCommand(
  context: CommandContext,
  cronName: string,
  options: GlobalOptions & BackfillFlags,
): Promise<number> {
  const zoneName = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zone = zoneOf(zoneName);
  const backfill: Backfill = {
    name: options.name ?? nameSuffix(Array.from({ length: 5 }, () => Math.random())),
    startMs: instantOf('--start', options.start, { ...options, zone }),
    endMs:
      options.end === undefined
        ? Date.now()
        : instantOf('--end', options.end, { ...options, zone }),
    argumentName: options.argname,
    isParallel: options.parallel ?? false,
    countMax: options.maxworkflowcount,
  };
  return withConnection(context, options, async (connection) => {
    const cron = await fetchOne(connection, 'CronWorkflow', { ...options, name: cronName });
    const made = backfillWorkflows(cron, backfill, zoneName);
    if (!made.ok) throw new ArgosyError('INVALID_ARGUMENT', made.error);
    if (made.value.length === 0) {
      context.stderr.write('no instant of the schedules lies in this time\n');
      return EXIT.ok;
    }
    for (const workflow of made.value) {
      const isNew = await submitOnce(connection, workflow);
      const { name = '', namespace = '' } = workflow.metadata;
      context.stdout.write(
        `${namespace}/${name} ${isNew ? 'submitted' : 'was submitted before'}\n`,
      );
    }
    const order = backfill.isParallel ? 'all at once' : 'one after the other';
    const text = `backfill ${backfill.name} of cron workflow ${cronName}: ${made.value.length} workflows, ${order}`;
    context.stdout.write(`${text}\n`);
    return EXIT.ok;
  });
}

/** The name is made of the instant: a backfill that was interrupted can be repeated under its name. */
async function submitOnce({ workflows }: Connection, workflow: Workflow): Promise<boolean> {
  const value = new TextEncoder().encode(JSON.stringify(workflow));
  try {
    await workflows.submitWorkflow({ source: { case: 'manifest', value } });
    return true;
  } catch (thrown) {
    if (ArgosyError.fromUnknown(thrown).code === 'ALREADY_EXISTS') return false;
    throw thrown;
  }
}

/** Argo's default, and what people write besides; Go's layouts. */
const LAYOUTS = [
  'Mon, 02 Jan 2006 15:04:05 MST',
  '2006-01-02T15:04:05Z07:00',
  '2006-01-02 15:04:05',
  '2006-01-02 15:04',
  '2006-01-02',
];

/** Milliseconds since 1970. */
function instantOf(
  option: string,
  text: string,
  { format, zone }: { readonly format?: string; readonly zone: Zone | undefined },
): number {
  for (const layout of format === undefined ? LAYOUTS : [format]) {
    const parsed = zone === undefined ? undefined : parseGoTime(layout, text, zone);
    if (parsed?.ok === true) return parsed.value;
  }
  const wanted =
    format === undefined
      ? 'a time such as 2026-03-01, "2026-03-01 12:30" or 2026-03-01T12:30:00Z'
      : `a time in the layout "${format}"`;
  throw new ArgosyError('INVALID_ARGUMENT', `${option} takes ${wanted}, not "${text}"`);
}
