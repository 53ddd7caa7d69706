import { createClientDriver } from '../client-driver.ts';
import type { Driver, DriverContext, RunningDriver } from '../driver.ts';
import { keepConnected } from '../lasting-connection.ts';
import { messageVerdict } from '../message-verdict.ts';
import { createTrouble } from '../trouble.ts';
import { openAmqp, type MessageHandler } from './connection.ts';
import { amqpEvent } from './message.ts';
import { parseAmqpSettings, type AmqpSettings } from './settings.ts';

/** Messages of a queue of an AMQP 0-9-1 broker such as RabbitMQ, acknowledged when they are stored. */
export function createAmqpDriver(): Driver {
  return createClientDriver({
    kind: 'amqp',
    // A queue that the broker names belongs to one connection: two of them would get each message twice.
    runsOn: 'OneReplica',
    parse: parseAmqpSettings,
    start: startAmqp,
  });
}

function startAmqp(settings: AmqpSettings, context: DriverContext): Promise<RunningDriver> {
  const trouble = createTrouble(context);
  const handle: MessageHandler = (message, { signal }) =>
    messageVerdict(amqpEvent(message, settings, context), { context, trouble, signal });
  return keepConnected({
    name: 'the AMQP broker',
    open: () => openAmqp(settings, context, handle),
    trouble,
    waits: settings.waits,
  });
}
