import { RedriveDeadLetterResponse_Outcome as Outcome, type DeadLetterSummary } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { Connection } from '../client/connection.ts';
import { formatObject, parseJsonBytes } from '../view/output.ts';
import { table } from '../view/table.ts';
import { EXIT, withConnection, type CommandContext, type GlobalOptions } from './context.ts';

export interface DeadLetterFlags {
  readonly sensor?: string;
  readonly trigger?: string;
  readonly limit?: number;
  readonly all?: boolean;
  readonly output?: 'json' | 'yaml' | 'name';
}

type Options = GlobalOptions & DeadLetterFlags;

/** Digits of an id in a table; a beginning is enough to name a letter. */
const ID_DIGITS = 12;

/** `argosy events dlq list` */
export async function listDeadLettersCommand(
  context: CommandContext,
  options: Options,
): Promise<number> {
  return withConnection(context, options, async (connection) => {
    const { deadLetters, more } = await connection.events.listDeadLetters(filterOf(options));
    const { output } = options;
    if (output === 'name') {
      context.stdout.write(deadLetters.map(({ id }) => `${id}\n`).join(''));
    } else if (output !== undefined) {
      context.stdout.write(`${formatObject(deadLetters.map(plainOf), output)}\n`);
    } else if (deadLetters.length === 0) {
      context.stderr.write('no dead letters\n');
    } else {
      const head = ['ID', 'FAILED', 'SENSOR', 'TRIGGER', 'ATTEMPTS', 'EVENTS', 'ERROR'];
      context.stdout.write(`${table([head.map(context.style.bold), ...deadLetters.map(rowOf)])}\n`);
    }
    if (more) context.stderr.write('there are more; --limit shows them\n');
    return EXIT.ok;
  });
}

/** `argosy events dlq show ID` */
export async function showDeadLetterCommand(
  context: CommandContext,
  id: string,
  options: Options,
): Promise<number> {
  return withConnection(context, options, async (connection) => {
    const { namespace = '' } = options;
    const { letterJson } = await connection.events.getDeadLetter({ namespace, id });
    const format = options.output === 'json' ? 'json' : 'yaml';
    context.stdout.write(`${formatObject(readable(parseJsonBytes<Letter>(letterJson)), format)}\n`);
    return EXIT.ok;
  });
}

/** `argosy events dlq redrive ID… | --all`; ends with 1 when a trigger failed again. */
export async function redriveDeadLettersCommand(
  context: CommandContext,
  ids: readonly string[],
  options: Options,
): Promise<number> {
  return withConnection(context, options, async (connection) => {
    let code: number = EXIT.ok;
    for (const id of await chosen(connection, ids, options)) {
      const { namespace = '' } = options;
      const answer = await connection.events.redriveDeadLetter({ namespace, id });
      if (answer.outcome === Outcome.FAILED) code = EXIT.failed;
      context.stdout.write(`${short(answer.id)} ${outcomeText(answer)}\n`);
    }
    return code;
  });
}

/** `argosy events dlq delete ID… | --all` */
export async function deleteDeadLettersCommand(
  context: CommandContext,
  ids: readonly string[],
  options: Options,
): Promise<number> {
  return withConnection(context, options, async (connection) => {
    for (const id of await chosen(connection, ids, options)) {
      const { namespace = '' } = options;
      const answer = await connection.events.deleteDeadLetter({ namespace, id });
      context.stdout.write(`${short(answer.id)} deleted\n`);
    }
    return EXIT.ok;
  });
}

function filterOf({ namespace = '', sensor = '', trigger = '', limit = 0 }: Options) {
  return { namespace, sensor, trigger, limit };
}

/** Either ids or --all, which --sensor and --trigger narrow. */
async function chosen(
  connection: Connection,
  ids: readonly string[],
  options: Options,
): Promise<readonly string[]> {
  if (ids.length > 0 === (options.all === true)) {
    const message = 'name dead letters by their ids, or take all of them with --all';
    throw new ArgosyError('INVALID_ARGUMENT', message);
  }
  if (ids.length > 0) return ids;
  const { deadLetters } = await connection.events.listDeadLetters(filterOf(options));
  return deadLetters.map(({ id }) => id);
}

function outcomeText({
  outcome,
  message,
}: {
  readonly outcome: Outcome;
  readonly message: string;
}) {
  if (outcome === Outcome.WORKED) return 'worked; the dead letter is gone';
  if (outcome === Outcome.FAILED) return `failed again: ${message}`;
  return 'was handed to its sensor, which has not answered yet';
}

function short(id: string): string {
  return id.slice(0, ID_DIGITS);
}

function timeOf({ failedAt }: DeadLetterSummary): string {
  return failedAt === undefined ? '' : timestampDate(failedAt).toISOString();
}

function rowOf(letter: DeadLetterSummary): readonly string[] {
  const { id, sensor, trigger, attempts, events, error } = letter;
  const cells = [sensor, trigger, String(attempts), Object.values(events).join(' '), error];
  return [short(id), timeOf(letter), ...cells];
}

function plainOf(letter: DeadLetterSummary): object {
  const { id, namespace, sensor, trigger, error, attempts, events } = letter;
  return { id, namespace, sensor, trigger, error, attempts, failedAt: timeOf(letter), events };
}

interface Letter {
  readonly failedAtMs: number;
  readonly firing: {
    readonly events: Readonly<Record<string, { readonly dataText?: string }>>;
  };
}

/** The data of the events as what it is, where it is JSON. */
function readable(letter: Letter): object {
  const { failedAtMs, firing, ...rest } = letter;
  const events = Object.entries(firing.events).map(([dependency, { dataText, ...event }]) => {
    return [dependency, { ...event, ...(dataText === undefined ? {} : dataOf(dataText)) }] as const;
  });
  const failedAt = new Date(failedAtMs).toISOString();
  return { ...rest, failedAt, firing: { ...firing, events: Object.fromEntries(events) } };
}

function dataOf(text: string): object {
  try {
    return { data: JSON.parse(text) as unknown };
  } catch {
    return { dataText: text };
  }
}
