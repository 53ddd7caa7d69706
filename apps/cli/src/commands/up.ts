import { ArgosyError } from '@argosy/base';
import { createLogger } from '@argosy/telemetry';
import { openHome } from '../embedded/home.ts';
import { startEmbedded, type EmbeddedRuntime } from '../embedded/runtime.ts';
import { createLogForPeople } from '../view/log-for-people.ts';
import { EXIT, type CommandContext, type GlobalOptions } from './context.ts';
import { isLogLevel, readPort } from './option-values.ts';

export interface UpFlags {
  readonly port?: number;
  readonly grpcPort?: number;
  readonly logLevel?: string;
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
  const level = options.logLevel ?? levelFrom(env);
  return startEmbedded({
    home: openHome(options.home, env),
    logger:
      quiet && level === undefined
        ? createLogForPeople(notices, context.errorStyle)
        : createLogger({ level: level ?? 'info' }),
    httpPort: options.port ?? portFrom(env, 'ARGOSY_HTTP_PORT') ?? HTTP_PORT_DEFAULT,
    rpcPort: options.grpcPort ?? portFrom(env, 'ARGOSY_GRPC_PORT') ?? RPC_PORT_DEFAULT,
    onProgress: (message) => {
      notices.print(message);
    },
    signal: context.signal,
  });
}

function levelFrom(env: NodeJS.ProcessEnv): string | undefined {
  const level = env['ARGOSY_LOG_LEVEL'];
  if (level === undefined || level === '' || isLogLevel(level)) return level || undefined;
  throw new ArgosyError(
    'INVALID_ARGUMENT',
    `ARGOSY_LOG_LEVEL is "${level}"; it takes trace, debug, info, warn, error or silent`,
  );
}

function portFrom(env: NodeJS.ProcessEnv, name: string): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  try {
    return readPort(text);
  } catch {
    throw new ArgosyError(
      'INVALID_ARGUMENT',
      `${name} is "${text}"; it takes a port from 0 to 65535 (0: a free one)`,
    );
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
