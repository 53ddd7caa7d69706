import type { IPublishPacket } from 'mqtt';
import { ok } from '@argosy/base';
import { createArrivals, type Arrivals } from '../arrivals.ts';
import { createClientDriver } from '../client-driver.ts';
import type { Driver, DriverContext, RunningDriver } from '../driver.ts';
import { keepConnected } from '../lasting-connection.ts';
import { refuseMessage, storePatiently } from '../patient-store.ts';
import { createTrouble, type Trouble } from '../trouble.ts';
import { openMqtt } from './connection.ts';
import { mqttEventData } from './message.ts';
import { parseMqttSettings, type MqttSettings } from './settings.ts';

/**
 * The messages of an MQTT broker. With quality of service 0 a message comes once, to those who listen at that
 * moment; with 1 it is acknowledged after its event is stored, and the broker keeps what comes meanwhile.
 */
export function createMqttDriver(): Driver {
  return createClientDriver({
    kind: 'mqtt',
    runsOn: 'OneReplica',
    parse: parseMqttSettings,
    start: startMqtt,
  });
}

async function startMqtt(settings: MqttSettings, context: DriverContext): Promise<RunningDriver> {
  const { broker } = settings;
  const trouble = createTrouble(context);
  const arrivals = createArrivals({ context, trouble });
  const scope = { settings, context, trouble, arrivals };
  const running = await keepConnected({
    name: `the MQTT broker ${broker.url}`,
    trouble,
    waits: broker.waits,
    open: (signal) =>
      openMqtt(
        { ...settings, take: (packet, closing) => take(packet, { ...scope, signal: closing }) },
        context,
        signal,
      ),
  });
  return {
    health: () => running.health(),
    async stop() {
      await running.stop();
      await arrivals.finish();
    },
  };
}

/** @returns whether the broker may forget the message. */
async function take(
  packet: IPublishPacket,
  scope: {
    readonly settings: MqttSettings;
    readonly context: DriverContext;
    readonly trouble: Trouble;
    readonly arrivals: Arrivals;
    readonly signal: AbortSignal;
  },
): Promise<boolean> {
  const { settings, context, arrivals } = scope;
  const { topic, messageId = 0, payload } = packet;
  const data = mqttEventData({ topic, messageId, payload: Buffer.from(payload) }, settings.broker);
  const event = data.ok ? ok({ data: new TextEncoder().encode(data.value) }) : data;
  if (packet.qos === 0) {
    arrivals.push(event);
    return true;
  }
  if (event.ok) return (await storePatiently(event.value, scope)).kind !== 'Stopped';
  refuseMessage(context, event.error);
  return true;
}
