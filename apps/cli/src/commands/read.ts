import { WorkflowSummarySchema, type WorkflowSummary } from '@argosy/api';
import type { Workflow } from '@argosy/model';
import { toJson } from '@bufbuild/protobuf';
import { timestampDate, timestampMs } from '@bufbuild/protobuf/wkt';
import { humanDuration } from '../view/duration.ts';
import { formatObject, parseJsonBytes, type OutputFormat } from '../view/output.ts';
import type { Style } from '../view/style.ts';
import { table } from '../view/table.ts';
import { suspensionAdvice } from '../view/suspension.ts';
import { workflowView } from '../view/workflow-view.ts';
import {
  EXIT,
  sameReach,
  withConnection,
  type CommandContext,
  type GlobalOptions,
} from './context.ts';
import { followWorkflow, logLine } from './follow.ts';
import { momentText } from './moment-text.ts';

export interface ListFlags {
  readonly output?: OutputFormat;
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly status?: string;
  readonly running?: boolean;
  readonly completed?: boolean;
  readonly prefix?: string;
  readonly limit?: number;
}

/** `argosy list` */
export async function listCommand(
  context: CommandContext,
  options: GlobalOptions & ListFlags,
): Promise<number> {
  const { output: format = 'table' } = options;
  const phases = (options.status ?? '').split(',').filter((phase) => phase !== '');
  if (options.running === true) phases.push('Running', 'Pending');
  if (options.completed === true) phases.push('Succeeded', 'Failed', 'Error');
  return withConnection(context, options, async (connection) => {
    const { workflows } = await connection.workflows.listWorkflows({
      namespace: options.allNamespaces === true ? '' : (options.namespace ?? 'default'),
      filter: {
        labelSelector: options.selector ?? '',
        phases,
        namePrefix: options.prefix ?? '',
      },
      limit: options.limit ?? 0,
    });
    if (format === 'json' || format === 'yaml') {
      context.stdout.write(`${formatObject(workflows.map(plainSummary), format)}\n`);
    } else if (format === 'name') {
      context.stdout.write(workflows.map((workflow) => `${workflow.name}\n`).join(''));
    } else if (workflows.length === 0) {
      context.stderr.write('no workflows\n');
    } else {
      const wide = format === 'wide';
      const rows = workflows.map((workflow) => summaryRow(workflow, { ...options, wide, context }));
      context.stdout.write(`${table([header(options, wide, context.style), ...rows])}\n`);
    }
    return EXIT.ok;
  });
}

function header(options: ListFlags, wide: boolean, style: Style): readonly string[] {
  const columns = ['NAME', 'STATUS', 'AGE', 'DURATION', 'PROGRESS', 'MESSAGE'];
  if (options.allNamespaces === true) columns.unshift('NAMESPACE');
  if (wide) columns.push('UID', 'LABELS');
  return columns.map(style.bold);
}

function summaryRow(
  workflow: WorkflowSummary,
  options: ListFlags & { readonly wide: boolean; readonly context: CommandContext },
): readonly string[] {
  const nowMs = Date.now();
  const { style } = options.context;
  const phase = workflow.phase === '' ? 'Pending' : workflow.phase;
  const startedMs = workflow.startedAt && timestampMs(workflow.startedAt);
  const endMs = workflow.finishedAt ? timestampMs(workflow.finishedAt) : nowMs;
  const row = [
    workflow.name,
    style.phase(phase, workflow.suspended ? `${phase} (suspended)` : phase),
    workflow.createdAt ? humanDuration(nowMs - timestampMs(workflow.createdAt)) : '',
    startedMs === undefined ? '' : humanDuration(endMs - startedMs),
    workflow.progress,
    workflow.message,
  ];
  if (options.allNamespaces === true) row.unshift(workflow.namespace);
  if (options.wide) {
    const labels = Object.entries(workflow.labels).map(([name, value]) => `${name}=${value}`);
    row.push(workflow.uid, labels.join(','));
  }
  return row;
}

function plainSummary(workflow: WorkflowSummary): Readonly<Record<string, unknown>> {
  return toJson(WorkflowSummarySchema, workflow) as Readonly<Record<string, unknown>>;
}

/** `argosy get NAME` */
export async function getCommand(
  context: CommandContext,
  name: string,
  options: GlobalOptions & { readonly output?: OutputFormat; readonly at?: string },
): Promise<number> {
  const { output: format = 'table', at = '' } = options;
  return withConnection(context, options, async (connection) => {
    const answer = await connection.workflows.getWorkflow({
      namespace: options.namespace ?? '',
      name,
      at: momentText(at),
    });
    const workflow = parseJsonBytes<Workflow>(answer.workflow?.workflowJson ?? new Uint8Array());
    if (format === 'json' || format === 'yaml') {
      context.stdout.write(`${formatObject(workflow, format)}\n`);
    } else if (format === 'name') {
      context.stdout.write(`${workflow.metadata.name ?? ''}\n`);
    } else {
      const { style } = context;
      const wide = format === 'wide';
      const nowMs = answer.at === undefined ? Date.now() : timestampMs(answer.at);
      const then =
        answer.at && `as of ${timestampDate(answer.at).toISOString()} (#${answer.sequence})`;
      context.stdout.write(`${workflowView(workflow, { nowMs, style, wide, then })}\n`);
      if (answer.at !== undefined) return EXIT.ok;
      const advice = suspensionAdvice(workflow, sameReach(options, context.env));
      for (const line of advice) context.notices.print(line);
    }
    return EXIT.ok;
  });
}

/** `argosy watch NAME` */
export async function watchCommand(
  context: CommandContext,
  name: string,
  options: GlobalOptions,
): Promise<number> {
  return withConnection(context, options, (connection) =>
    followWorkflow(context, connection, {
      namespace: options.namespace ?? '',
      name,
      logs: false,
      reach: sameReach(options, context.env),
    }),
  );
}

export interface LogFlags {
  readonly follow?: boolean;
  readonly container?: string;
  readonly tail?: number;
  readonly grep?: string;
  readonly timestamps?: boolean;
  readonly prefix?: boolean;
}

/** `argosy logs NAME [NODE]` */
export async function logsCommand(
  context: CommandContext,
  [name, node]: readonly [string, string | undefined],
  options: GlobalOptions & LogFlags,
): Promise<number> {
  return withConnection(context, options, async (connection) => {
    const lines = connection.workflows.getLogs(
      {
        namespace: options.namespace ?? '',
        name,
        node: node ?? '',
        container: options.container ?? '',
        follow: options.follow ?? false,
        tailLines: options.tail ?? 0,
        contains: options.grep ?? '',
      },
      { signal: context.signal },
    );
    for await (const line of lines) {
      const time =
        options.timestamps === true && line.time
          ? `${timestampDate(line.time).toISOString()} `
          : '';
      const text = options.prefix === false ? line.content : logLine(line, context.style);
      context.stdout.write(`${time}${text}\n`);
    }
    return context.signal.aborted ? EXIT.interrupted : EXIT.ok;
  });
}
