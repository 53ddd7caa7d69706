import { HistoryEntrySchema, type HistoryEntry } from '@argosy/api';
import { toJson } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { humanDuration } from '../view/duration.ts';
import { formatObject, parseJsonBytes, type OutputFormat } from '../view/output.ts';
import type { Style } from '../view/style.ts';
import { rowOf, table } from '../view/table.ts';
import { EXIT, withConnection, type CommandContext, type GlobalOptions } from './context.ts';
import { momentText } from './moment-text.ts';

export interface HistoryFlags {
  readonly output?: OutputFormat;
  readonly node?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit?: number;
  readonly follow?: boolean;
}

/** `argosy history NAME` */
export async function historyCommand(
  context: CommandContext,
  name: string,
  options: GlobalOptions & HistoryFlags,
): Promise<number> {
  const { output: format = 'table', follow = false } = options;
  const isPlain = format === 'json' || format === 'yaml';
  return withConnection(context, options, async (connection) => {
    const answers = connection.workflows.getWorkflowHistory(
      {
        namespace: options.namespace ?? '',
        name,
        node: options.node ?? '',
        since: momentText(options.since ?? ''),
        until: momentText(options.until ?? ''),
        limit: options.limit ?? 0,
        follow,
        includeFacts: isPlain,
      },
      { signal: context.signal },
    );
    const printer = createPrinter(context, { format, follow });
    for await (const { entries } of answers) printer.add(entries);
    printer.end();
    return context.signal.aborted ? EXIT.interrupted : EXIT.ok;
  });
}

interface Printer {
  add(entries: readonly HistoryEntry[]): void;
  end(): void;
}

/** What is followed is printed as it comes: JSON one fact a line, YAML one document each. */
function createPrinter(
  context: CommandContext,
  { format, follow }: { readonly format: OutputFormat; readonly follow: boolean },
): Printer {
  const { stdout } = context;
  if (format !== 'json' && format !== 'yaml') return rowPrinter(context, format, follow);
  const kept: unknown[] = [];
  return {
    add(entries) {
      const plain = entries.map(plainEntry);
      if (!follow) kept.push(...plain);
      else {
        for (const each of plain) {
          const text =
            format === 'json' ? JSON.stringify(each) : `---\n${formatObject(each, format)}`;
          stdout.write(`${text}\n`);
        }
      }
    },
    end() {
      if (!follow) stdout.write(`${formatObject(kept, format)}\n`);
    },
  };
}

function rowPrinter(context: CommandContext, format: OutputFormat, follow: boolean): Printer {
  const { stdout, stderr, style } = context;
  const wide = format === 'wide';
  const rows = [columns(wide).map(style.bold)];
  const widths = wide ? WIDTHS_WIDE : WIDTHS;
  if (follow) stdout.write(`${rowOf(rows[0] ?? [], widths)}\n`);
  return {
    add(entries) {
      for (const entry of entries) {
        const row = entryRow(entry, { wide, style });
        if (follow) stdout.write(`${rowOf(row, widths)}\n`);
        else rows.push(row);
      }
    },
    end() {
      if (follow) return;
      if (rows.length === 1) stderr.write('no facts\n');
      else stdout.write(`${table(rows)}\n`);
    },
  };
}

/** Widths of the columns of a table whose rows are not all known yet, in characters. */
const WIDTHS = [5, 24, 8, 24, 14, 9];
const WIDTHS_WIDE = [...WIDTHS, 16, 24];

function columns(wide: boolean): string[] {
  const common = ['#', 'TIME', 'OFFSET', 'NODE', 'EVENT', 'PHASE'];
  return [...common, ...(wide ? ['FACT', 'NODE ID'] : []), 'MESSAGE'];
}

function entryRow(
  entry: HistoryEntry,
  options: { readonly wide: boolean; readonly style: Style },
): string[] {
  const { phase, message, displayName, what, kind, nodeId } = entry;
  const text = message.replaceAll('\n', '⏎');
  return [
    String(entry.sequence),
    timeText(entry),
    `+${humanDuration(entry.offsetMs)}`,
    displayName === '' ? options.style.dim('(workflow)') : displayName,
    what,
    options.style.phase(phase, phase),
    ...(options.wide ? [kind, nodeId] : []),
    text,
  ];
}

function timeText({ time }: HistoryEntry): string {
  return time === undefined ? '' : timestampDate(time).toISOString();
}

function plainEntry(entry: HistoryEntry): unknown {
  const { factJson, ...rest } = entry;
  const json = toJson(HistoryEntrySchema, { ...rest, factJson: new Uint8Array() }) as object;
  return { ...json, fact: parseJsonBytes(factJson) };
}
