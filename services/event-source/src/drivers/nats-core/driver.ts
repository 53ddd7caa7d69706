import { connectOutsideNats } from '@argosy/bus';
import { createArrivals } from '../arrivals.ts';
import { createClientDriver } from '../client-driver.ts';
import type { Driver, DriverContext, RunningDriver } from '../driver.ts';
import { keepConnected } from '../lasting-connection.ts';
import { createTrouble } from '../trouble.ts';
import { natsEvent } from '../nats-message.ts';
import { natsOptionsOf } from '../nats-connection.ts';
import { parseNatsSettings, type NatsSettings } from './settings.ts';

/**
 * What is published on a subject of a NATS server. NATS sends a message once, to those who listen at that
 * moment: what is published while the connection is lost is missed.
 */
export function createNatsDriver(): Driver {
  return createClientDriver({
    kind: 'nats',
    runsOn: 'OneReplica',
    parse: parseNatsSettings,
    start: startNats,
  });
}

async function startNats(settings: NatsSettings, context: DriverContext): Promise<RunningDriver> {
  const { server, subject, queue } = settings;
  const trouble = createTrouble(context);
  const arrivals = createArrivals({ context, trouble });
  const running = await keepConnected({
    name: `the NATS server ${server.url}`,
    trouble,
    waits: server.waits,
    async open() {
      const connection = await connectOutsideNats(natsOptionsOf(server, context));
      try {
        await connection.subscribe(subject, {
          ...(queue === undefined ? {} : { queue }),
          onMessage: (message) => arrivals.push(natsEvent(message, settings)),
        });
      } catch (error) {
        await connection[Symbol.asyncDispose]();
        throw error;
      }
      return { lost: connection.lost, close: async () => connection[Symbol.asyncDispose]() };
    },
  });
  return {
    health: () => running.health(),
    async stop() {
      await running.stop();
      await arrivals.finish();
    },
  };
}
