import { setTimeout as delay } from 'node:timers/promises';
import { ArgosyError } from '@argosy/base';
import { startNatsServer, type RunningNatsServer } from '@argosy/nats-server';
import type { Logger } from '@argosy/telemetry';

/** A nats-server that is started again, on the same port and store, when it ends by itself. */
export interface NatsKeeper {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const RESTART_DELAY_MS_MIN = 50;
const RESTART_DELAY_MS_MAX = 5_000;

/** Starts the server and keeps it running until `stop`. */
export async function keepNatsServer(options: {
  readonly path: string;
  readonly dataDirectory: string;
  readonly logger: Logger;
}): Promise<NatsKeeper> {
  const { path, dataDirectory, logger } = options;
  let server = await startNatsServer({ path, dataDirectory });
  const stopping = new AbortController();

  const restart = async (): Promise<RunningNatsServer | undefined> => {
    let delayMs = RESTART_DELAY_MS_MIN;
    while (!stopping.signal.aborted) {
      try {
        return await startNatsServer({ path, dataDirectory, port: server.port });
      } catch (thrown) {
        const { message } = ArgosyError.fromUnknown(thrown);
        logger.error({ message }, 'nats-server does not come back; trying again');
        await delay(delayMs);
        delayMs = Math.min(delayMs * 2, RESTART_DELAY_MS_MAX);
      }
    }
    return undefined;
  };

  const guard = async (): Promise<void> => {
    for (;;) {
      const exit = await server.exited;
      if (exit.expected || stopping.signal.aborted) return;
      logger.error(
        { code: exit.code, killedBy: exit.killedBy, log: exit.lastLogLines },
        'nats-server ended by itself and is started again',
      );
      const restarted = await restart();
      if (restarted === undefined) return;
      server = restarted;
      logger.info({ pid: server.pid }, 'nats-server runs again');
    }
  };

  const guarding = guard();
  return {
    url: server.url,
    token: server.token,
    get pid() {
      return server.pid;
    },
    async stop() {
      stopping.abort();
      await server.stop();
      await guarding;
    },
  };
}
