import { BUCKETS, sensorStateKey } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { Bus } from '@argosy/bus';
import type { Firing } from './sensor-logic.ts';

/** A firing that was decided and is not known to be done. */
export interface OwedFiring {
  /** The mark of the message that made it fire. */
  readonly mark: number;
  readonly firing: Firing;
}

/** What a sensor keeps between messages. Written before a message is acknowledged. */
export interface SensorState {
  /** What waits for other events, as the rules have it. */
  readonly pending: unknown;
  /** Marks of the messages whose effect is in this state and whose acknowledgement is not known. */
  readonly applied: readonly number[];
  /**
   * The last of those that were acknowledged: a server that is killed may have forgotten that and deliver them
   * again.
   */
  readonly acknowledged: readonly number[];
  readonly owed: readonly OwedFiring[];
}

/** A state with the revision that the next write must find. */
export interface VersionedState {
  readonly state: SensorState;
  /** 0 = there is no entry yet. */
  readonly revision: number;
}

export const EMPTY_STATE: SensorState = {
  pending: undefined,
  applied: [],
  acknowledged: [],
  owed: [],
};

/** Most messages that are remembered; more than may be delivered and not acknowledged. */
const APPLIED_MAX = 4_096;
/** nats-server writes down acknowledgements ten times a second; what a sensor takes in some of that time. */
const ACKNOWLEDGED_MAX = 2_048;

export interface StateStore {
  load(): Promise<VersionedState>;
  /** Compare and set. `undefined` when another replica wrote meanwhile: load and decide again. */
  save(state: SensorState, revision: number): Promise<VersionedState | undefined>;
}

/** The state of one sensor in the KV `sensor-state`; it outlives the sensor's manifest, as in Argo Events. */
export function createStateStore(bus: Bus, namespace: string, sensor: string): StateStore {
  const key = sensorStateKey(namespace, sensor);
  return {
    async load() {
      const bucket = await bus.keyValue(BUCKETS.sensorState);
      const entry = await bucket.get(key);
      // A deleted key keeps a revision, but is created anew like one that never was.
      if (entry?.value === undefined) return { state: EMPTY_STATE, revision: 0 };
      const stored = JSON.parse(new TextDecoder().decode(entry.value)) as Partial<SensorState>;
      return { state: { ...EMPTY_STATE, ...stored }, revision: entry.revision };
    },
    async save(state, revision) {
      const bucket = await bus.keyValue(BUCKETS.sensorState);
      const bounded = {
        ...state,
        applied: state.applied.slice(-APPLIED_MAX),
        acknowledged: state.acknowledged.slice(-ACKNOWLEDGED_MAX),
      };
      const value = new TextEncoder().encode(JSON.stringify(bounded));
      try {
        const next =
          revision === 0
            ? await bucket.create(key, value)
            : await bucket.update(key, value, revision);
        return { state: bounded, revision: next };
      } catch (error) {
        const { code } = ArgosyError.fromUnknown(error);
        if (code === 'CONFLICT' || code === 'ALREADY_EXISTS') return undefined;
        throw error;
      }
    },
  };
}
