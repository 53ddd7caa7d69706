import type { CheckpointStore } from '../driver.ts';

/** Between two checkpoints, milliseconds; what comes again after a crash has the same ids. */
const SAVE_MS_MIN = 1_000;

/** How far a stream has been followed. */
export interface Place {
  /** The id of the last event that is done with; empty when there is none. */
  readonly lastEventId: string;
  /** Notes an id; it is saved soon, at the latest by `save`. */
  reached(lastEventId: string): Promise<void>;
  save(): Promise<void>;
}

/** @param url a place in another stream is no good. */
export async function loadPlace(checkpoint: CheckpointStore, url: string): Promise<Place> {
  let lastEventId = idOf(await checkpoint.load(), url);
  let savedId = lastEventId;
  let savedMs = 0;
  const save = async (): Promise<void> => {
    if (lastEventId === savedId) return;
    const id = lastEventId;
    await checkpoint.save(new TextEncoder().encode(JSON.stringify({ url, lastEventId: id })));
    savedId = id;
    savedMs = performance.now();
  };
  return {
    get lastEventId() {
      return lastEventId;
    },
    async reached(id) {
      lastEventId = id;
      if (performance.now() - savedMs >= SAVE_MS_MIN) await save();
    },
    save,
  };
}

function idOf(stored: Uint8Array | undefined, url: string): string {
  if (stored === undefined) return '';
  try {
    const place = JSON.parse(new TextDecoder().decode(stored)) as {
      readonly url?: unknown;
      readonly lastEventId?: unknown;
    };
    return place.url === url && typeof place.lastEventId === 'string' ? place.lastEventId : '';
  } catch {
    return '';
  }
}
