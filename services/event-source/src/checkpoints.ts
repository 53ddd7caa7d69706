import { BUCKETS, subjectToken } from '@argosy/api';
import type { Bus } from '@argosy/bus';
import type { CheckpointStore } from './drivers/driver.ts';
import type { EventIdentity } from './running-event.ts';

/** Checkpoints in the KV `sensor-state`, under `checkpoint.<ns>.<source>.<event>`. */
export function kvCheckpoint(
  bus: Bus,
  identity: EventIdentity,
  eventName: string,
): CheckpointStore {
  const parts = [identity.namespace, identity.eventSource, eventName];
  const key = `checkpoint.${parts.map(subjectToken).join('.')}`;
  return {
    async load() {
      const bucket = await bus.keyValue(BUCKETS.sensorState);
      return (await bucket.get(key))?.value;
    },
    async save(value) {
      const bucket = await bus.keyValue(BUCKETS.sensorState);
      await bucket.put(key, value);
    },
  };
}
