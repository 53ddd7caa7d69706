import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { freePort } from '../free-port.ts';
import { KEY_NAME } from './answers.ts';
import { createEntities, type AzureMessage } from './entities.ts';

/**
 * A stand-in that speaks AMQP 1.0 as Azure Service Bus and Event Hubs do, for their own clients: tokens are
 * checked, messages are locked until they are settled, hubs are read from an offset. No lock ever expires.
 */
export interface TestAzureMessaging extends AsyncDisposable {
  /** With the keys, and the word that tells the clients not to use TLS. */
  readonly connectionString: string;
  /** Makes a queue, or a subscription when it is named `TOPIC/Subscriptions/NAME`. */
  addQueue(name: string): void;
  put(queue: string, message: AzureMessage): void;
  /** Messages that are in the queue, locked ones among them, and those that were dead-lettered. */
  count(queue: string): { readonly present: number; readonly dead: number };
  addHub(name: string, partitions: number): void;
  publish(hub: string, partition: number, message: AzureMessage): void;
  /** What clients sent to a queue, topic or hub. */
  sent(entity: string): readonly AzureMessage[];
  /** Ends all connections and listens no more; messages that were locked are free again. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function startTestAzureMessaging(): Promise<TestAzureMessaging> {
  // Only here, so that no other test has to load the protocol.
  const { createAzureLinks } = await import('./links.ts');
  const port = await freePort();
  const key = randomBytes(24).toString('base64');
  const entities = createEntities();
  const { container, deliverAll, forgetAll } = createAzureLinks(entities, key);
  const sockets = new Set<Socket>();
  let server: Server | undefined;

  const start = async (): Promise<void> => {
    server = container.listen({ host: '127.0.0.1', port }) as Server;
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    await once(server, 'listening');
  };
  const stop = async (): Promise<void> => {
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    server = undefined;
    await closed;
    forgetAll();
  };
  await start();
  const endpoint = `Endpoint=sb://127.0.0.1:${port}/`;
  return {
    connectionString: `${endpoint};SharedAccessKeyName=${KEY_NAME};SharedAccessKey=${key};UseDevelopmentEmulator=true`,
    addQueue(name) {
      entities.queues.set(name, { messages: [], dead: [] });
    },
    put(queue, message) {
      entities.queues.get(queue)?.messages.push(entities.stored(message));
      deliverAll();
    },
    count(queue) {
      const { messages = [], dead = [] } = entities.queues.get(queue) ?? {};
      return { present: messages.length, dead: dead.length };
    },
    addHub(name, partitions) {
      const hub = Array.from({ length: partitions }, () => []);
      entities.hubs.set(name, hub);
    },
    publish(hub, partition, message) {
      entities.hubs.get(hub)?.[partition]?.push(entities.stored(message));
      deliverAll();
    },
    sent: (entity) => entities.sent.get(entity) ?? [],
    start,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
