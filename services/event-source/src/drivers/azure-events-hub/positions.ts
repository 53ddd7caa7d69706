import { isFields } from '../http/settings.ts';
import type { CheckpointStore } from '../driver.ts';

/** The offset of the last event of each partition that is stored. */
export interface Positions {
  get(partitionId: string): string | undefined;
  /** Resolves when it is kept; calls of several partitions are kept one after the other. */
  save(partitionId: string, offset: string): Promise<void>;
}

/** @param hub offsets of another hub are not taken over */
export async function loadPositions(store: CheckpointStore, hub: string): Promise<Positions> {
  const stored = await store.load();
  const value: unknown =
    stored === undefined ? undefined : JSON.parse(new TextDecoder().decode(stored));
  const offsets = new Map<string, string>();
  if (isFields(value) && value['hub'] === hub && isFields(value['offsets'])) {
    for (const [partition, offset] of Object.entries(value['offsets'])) {
      offsets.set(partition, String(offset));
    }
  }
  let saving = Promise.resolve();
  return {
    get: (partitionId) => offsets.get(partitionId),
    save(partitionId, offset) {
      offsets.set(partitionId, offset);
      const text = JSON.stringify({ hub, offsets: Object.fromEntries(offsets) });
      const next = saving.then(() => store.save(new TextEncoder().encode(text)));
      saving = next.catch(() => undefined);
      return next;
    },
  };
}
