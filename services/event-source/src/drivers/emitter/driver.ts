import type { IPublishPacket } from 'mqtt';
import { ok } from '@argosy/base';
import { createArrivals, type Arrivals } from '../arrivals.ts';
import { createClientDriver } from '../client-driver.ts';
import type { Driver, DriverContext, RunningDriver } from '../driver.ts';
import { secretOf } from '../http/secret-value.ts';
import { keepConnected } from '../lasting-connection.ts';
import { openMqtt } from '../mqtt/connection.ts';
import { mqttEventData } from '../mqtt/message.ts';
import { createTrouble } from '../trouble.ts';
import { parseEmitterSettings, type EmitterSettings } from './settings.ts';

/** Emitter answers a wrong key by a message of its own on this topic. */
const ERROR_TOPIC = 'emitter/error/';

/**
 * The messages of a channel of Emitter, a broker that speaks MQTT and wants a key before each channel's name.
 * A message comes once, to those who listen at that moment.
 */
export function createEmitterDriver(): Driver {
  return createClientDriver({
    kind: 'emitter',
    runsOn: 'OneReplica',
    parse: parseEmitterSettings,
    start: startEmitter,
  });
}

async function startEmitter(
  settings: EmitterSettings,
  context: DriverContext,
): Promise<RunningDriver> {
  const { broker, channelKey, channelName } = settings;
  const trouble = createTrouble(context);
  const arrivals = createArrivals({ context, trouble });
  const running = await keepConnected({
    name: `the Emitter broker ${broker.url}`,
    trouble,
    waits: broker.waits,
    async open(signal) {
      const key = typeof channelKey === 'string' ? channelKey : secretOf(channelKey, context);
      const topic = `${key}/${channelName}/`;
      const scope = { settings, arrivals, key };
      return openMqtt(
        {
          ...{ broker, topic, clientId: undefined, qos: 0 },
          take: (packet, _closing, lose) => take(packet, { ...scope, lose }),
        },
        context,
        signal,
      );
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

function take(
  packet: IPublishPacket,
  scope: {
    readonly settings: EmitterSettings;
    readonly arrivals: Arrivals;
    readonly key: string;
    readonly lose: (reason: string) => void;
  },
): boolean {
  const payload = Buffer.from(packet.payload);
  if (packet.topic === ERROR_TOPIC) {
    scope.lose(`Emitter refuses the channel: ${payload.toString()}`);
    return true;
  }
  // The key is a secret and no part of the event.
  const prefix = `${scope.key}/`;
  const topic = packet.topic.startsWith(prefix) ? packet.topic.slice(prefix.length) : packet.topic;
  const data = mqttEventData({ topic, messageId: undefined, payload }, scope.settings.broker);
  scope.arrivals.push(data.ok ? ok({ data: new TextEncoder().encode(data.value) }) : data);
  return true;
}
