import { createLogger } from '@argosy/telemetry';
import type { DriverContext, EventToEmit } from '../drivers/driver.ts';

/** A driver's context without a bus, and what the driver did with it. */
export interface DriverRecorder {
  readonly context: DriverContext;
  readonly emitted: EventToEmit[];
  /** What `emit` throws; undefined: it stores. */
  failure: Error | undefined;
  refusals: number;
  healthChanges: number;
  /** What the checkpoint holds. */
  checkpoint: Uint8Array | undefined;
}

/** @param secrets values by `name/key` */
export function driverRecorder(secrets: Readonly<Record<string, string>> = {}): DriverRecorder {
  const ids = new Set<string>();
  const recorder: DriverRecorder = {
    emitted: [],
    failure: undefined,
    refusals: 0,
    healthChanges: 0,
    checkpoint: undefined,
    context: {
      namespace: 'default',
      eventSource: 'src',
      eventName: 'example',
      emit(event) {
        if (recorder.failure !== undefined) return Promise.reject(recorder.failure);
        const duplicate = event.id !== undefined && ids.has(event.id);
        if (event.id !== undefined) ids.add(event.id);
        // As the bus does: what it has already is not stored again.
        if (!duplicate) recorder.emitted.push(event);
        return Promise.resolve({ kind: 'Stored', duplicate });
      },
      refused() {
        recorder.refusals += 1;
      },
      checkpoint: {
        load: () => Promise.resolve(recorder.checkpoint),
        save(value) {
          recorder.checkpoint = value;
          return Promise.resolve();
        },
      },
      secret: ({ name, key }) => secrets[`${name}/${key}`],
      healthChanged() {
        recorder.healthChanges += 1;
      },
      logger: createLogger({ name: 'test', level: 'silent' }),
    },
  };
  return recorder;
}

/** The data of the events that were stored. */
export function emittedData(recorder: DriverRecorder): readonly Record<string, unknown>[] {
  return recorder.emitted.map(
    ({ data }) => JSON.parse(new TextDecoder().decode(data)) as Record<string, unknown>,
  );
}
