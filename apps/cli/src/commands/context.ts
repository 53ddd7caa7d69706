import { ArgosyError } from '@argosy/base';
import { connect, requireEndpoint, type Connection } from '../client/connection.ts';
import { createNotices, type Notices } from '../view/notices.ts';
import { styleFor, type Style } from '../view/style.ts';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly namespace?: string;
  readonly server?: string;
  readonly token?: string;
  readonly home?: string;
}

/** Where text goes; a terminal says so. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly rows?: number;
  readonly columns?: number;
  write(text: string): unknown;
}

/** What a command has at hand. Tests give their own streams. */
export interface CommandContext {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly stdin: AsyncIterable<unknown>;
  readonly env: NodeJS.ProcessEnv;
  /** Of standard output. */
  readonly style: Style;
  /** Of standard error, which may be a terminal when standard output is none. */
  readonly errorStyle: Style;
  /** Lines for people on standard error. */
  readonly notices: Notices;
  /** Aborted at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}

/** The streams, environment and colours of this process. */
export function processContext(signal: AbortSignal): CommandContext {
  const { stdout, stderr, stdin, env } = process;
  return {
    stdout,
    stderr,
    stdin,
    env,
    style: styleFor(stdout, env),
    errorStyle: styleFor(stderr, env),
    notices: createNotices(stderr),
    signal,
  };
}

/** Calls with a connection that is closed afterwards. */
export async function withConnection<T>(
  context: CommandContext,
  options: GlobalOptions,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = connect(requireEndpoint(options, context.env));
  try {
    return await use(connection);
  } finally {
    connection.close();
  }
}

/** Exit codes, as shells and CI systems read them. */
export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Reads `name=value` options; the same name twice: the later one counts. */
export function parseAssignments(
  assignments: readonly string[] | undefined,
  option: string,
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const assignment of assignments ?? []) {
    const equals = assignment.indexOf('=');
    if (equals <= 0) {
      throw new ArgosyError('INVALID_ARGUMENT', `${option} takes name=value, not "${assignment}"`);
    }
    values[assignment.slice(0, equals)] = assignment.slice(equals + 1);
  }
  return values;
}

/** Options that make another command reach what this one reached, to be put into advice. */
export function sameReach(options: GlobalOptions, env: NodeJS.ProcessEnv): string {
  const flags: string[] = [];
  if (options.server !== undefined) flags.push(`--server ${options.server}`);
  else if (options.home !== undefined) flags.push(`--home ${options.home}`);
  else if (env['ARGOSY_HOME']) flags.push(`--home ${env['ARGOSY_HOME']}`);
  return flags.map((flag) => ` ${flag}`).join('');
}
