import { ArgosyError } from '@argosy/base';
import { connect, requireEndpoint, type Connection } from '../client/connection.ts';
import { styleFor, type Style } from '../view/style.ts';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly namespace?: string;
  readonly server?: string;
  readonly token?: string;
  readonly home?: string;
}

/** What a command has at hand. Tests give their own streams. */
export interface CommandContext {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  readonly env: NodeJS.ProcessEnv;
  readonly style: Style;
  /** Aborted at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}

export function processContext(signal: AbortSignal): CommandContext {
  const { stdout, stderr, stdin, env } = process;
  return { stdout, stderr, stdin, env, style: styleFor(stdout, env), signal };
}

/** Calls with a connection that is closed afterwards. */
export async function withConnection<T>(
  options: GlobalOptions,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = connect(requireEndpoint(options));
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

/** commander's collector of an option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
