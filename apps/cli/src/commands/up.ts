import { ArgosyError } from '@argosy/base';
import { createLogger, type Logger } from '@argosy/telemetry';
import { openHome } from '../embedded/home.ts';
import type { EmbeddedRuntime } from '../embedded/runtime.ts';
import { createLogForPeople } from '../view/log-for-people.ts';
import { EXIT, type CommandContext, type GlobalOptions } from './context.ts';
import { isLogLevel, readConcurrency, readPort } from './option-values.ts';

export interface UpFlags {
  readonly port?: number;
  readonly grpcPort?: number;
  readonly logLevel?: string;
  readonly concurrency?: number;
}

/** Argo Server's own port, so that its users find us where they look. */
export const HTTP_PORT_DEFAULT = 2746;
export const RPC_PORT_DEFAULT = 2747;

/** `argosy up`: everything on this machine, until it is interrupted. */
export async function upCommand(
  context: CommandContext,
  options: GlobalOptions & UpFlags,
): Promise<number> {
  const runtime = await startHere(context, options);
  context.notices.print(whereItIs(context, runtime));
  await untilInterrupted(context.signal);
  context.notices.print('Stopping …');
  await runtime.stop();
  return EXIT.ok;
}

/**
 * Starts the embedded runtime as the flags say, telling on standard error what takes long. Quiet: of the log
 * only warnings, as sentences, unless somebody asks for a level.
 */
export async function startHere(
  context: CommandContext,
  options: GlobalOptions & UpFlags,
  { quiet = false }: { readonly quiet?: boolean } = {},
): Promise<EmbeddedRuntime> {
  const { env, notices } = context;
  const concurrency = options.concurrency ?? numberFrom(env, 'ARGOSY_CONCURRENCY', readConcurrency);
  // All services are behind this, and most commands need none of them: they would load for longer than they run.
  const { startEmbedded } = await import('../embedded/runtime.ts');
  return startEmbedded({
    home: openHome(options.home, env),
    logger: loggerFor(context, options.logLevel ?? levelFrom(env), quiet),
    httpPort: options.port ?? numberFrom(env, 'ARGOSY_HTTP_PORT', readPort) ?? HTTP_PORT_DEFAULT,
    rpcPort: options.grpcPort ?? numberFrom(env, 'ARGOSY_GRPC_PORT', readPort) ?? RPC_PORT_DEFAULT,
    ...(concurrency === undefined ? {} : { concurrency }),
    onProgress: (message) => {
      notices.print(message);
    },
    signal: context.signal,
  });
}

function loggerFor(context: CommandContext, level: string | undefined, quiet: boolean): Logger {
  if (quiet && level === undefined) return createLogForPeople(context.notices, context.errorStyle);
  return createLogger({ level: level ?? 'info' });
}

function levelFrom(env: NodeJS.ProcessEnv): string | undefined {
  const level = env['ARGOSY_LOG_LEVEL'];
  if (level === undefined || level === '' || isLogLevel(level)) return level || undefined;
  throw new ArgosyError(
    'INVALID_ARGUMENT',
    `ARGOSY_LOG_LEVEL is "${level}"; it takes trace, debug, info, warn, error or silent`,
  );
}

/** A number from a variable of the environment; what it says when it is none names the variable. */
function numberFrom(
  env: NodeJS.ProcessEnv,
  name: string,
  read: (text: string) => number,
): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  try {
    return read(text);
  } catch (thrown) {
    const { message } = ArgosyError.fromUnknown(thrown);
    throw new ArgosyError('INVALID_ARGUMENT', `${name} is "${text}". ${message}`);
  }
}

function whereItIs(context: CommandContext, { instance }: EmbeddedRuntime): string {
  const { bold } = context.errorStyle;
  return [
    `${bold('Argosy is up.')} Interrupt (Ctrl-C) to stop it.`,
    `  REST and web hooks  ${instance.httpAddress}`,
    `  gRPC                ${instance.rpcAddress}`,
    '',
    'In another terminal: argosy run FILE, argosy list, argosy --help',
    '',
  ].join('\n');
}

/** Resolves at the first interruption. */
export function untilInterrupted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}
