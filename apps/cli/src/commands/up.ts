import type { CommandContext, GlobalOptions } from './context.ts';
import { EXIT } from './context.ts';
import { createLogger } from '@argosy/telemetry';
import { openHome } from '../embedded/home.ts';
import { startEmbedded, type EmbeddedRuntime } from '../embedded/runtime.ts';

export interface UpFlags {
  readonly port?: string;
  readonly grpcPort?: string;
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
  context.stderr.write(whereItIs(context, runtime));
  await untilInterrupted(context.signal);
  context.stderr.write('Stopping …\n');
  await runtime.stop();
  return EXIT.ok;
}

/** Starts the embedded runtime as the flags say, telling on standard error what takes long. */
export async function startHere(
  context: CommandContext,
  options: GlobalOptions & UpFlags,
): Promise<EmbeddedRuntime> {
  const level = options.logLevel ?? context.env['ARGOSY_LOG_LEVEL'] ?? 'info';
  return startEmbedded({
    home: openHome(options.home, context.env),
    logger: createLogger({ level }),
    httpPort: Number(options.port ?? context.env['ARGOSY_HTTP_PORT'] ?? HTTP_PORT_DEFAULT),
    rpcPort: Number(options.grpcPort ?? context.env['ARGOSY_GRPC_PORT'] ?? RPC_PORT_DEFAULT),
    onProgress: (message) => void context.stderr.write(`${message}\n`),
    signal: context.signal,
  });
}

function whereItIs(context: CommandContext, { instance }: EmbeddedRuntime): string {
  const { bold } = context.style;
  return [
    `${bold('Argosy is up.')} Interrupt (Ctrl-C) to stop it.`,
    `  REST and web hooks  ${instance.httpAddress}`,
    `  gRPC                ${instance.rpcAddress}`,
    '',
    'In another terminal: argosy run FILE, argosy list, argosy --help',
    '',
  ].join('\n');
}

export function untilInterrupted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}
