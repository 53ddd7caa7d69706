/** How far the partitions have been read, kept somewhere a little later than it was reached. */
export interface Progress {
  /** Everything of the partition before this offset is stored as events. */
  reached(partition: number, position: bigint): void;
  /** Keeps what is not kept yet. @throws what the keeping throws */
  flush(): Promise<void>;
  /** Forgets what is not kept yet: the partitions may belong to another reader now. */
  drop(): Promise<void>;
}

export type Positions = ReadonlyMap<number, bigint>;

/** Wait that lets one save keep the progress of many records. What a crash loses is read again. */
const SAVE_EVERY_MS = 200;

/**
 * One save at a time, of the newest positions.
 * @param failed is told when a save in the background failed; nothing is saved in the background after it
 */
export function createProgress(
  save: (positions: Positions) => Promise<void>,
  failed: (error: unknown) => void,
): Progress {
  let pending = new Map<number, bigint>();
  let timer: NodeJS.Timeout | undefined;
  let saving: Promise<void> | undefined;

  function schedule(): void {
    if (timer !== undefined || saving !== undefined || pending.size === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      saving = savePending()
        .then(() => {
          saving = undefined;
          schedule();
        })
        // What failed stays in the way of further saves, until `flush` or `drop`.
        .catch(failed);
    }, SAVE_EVERY_MS);
  }

  async function savePending(): Promise<void> {
    const positions = pending;
    pending = new Map();
    if (positions.size > 0) await save(positions);
  }

  async function settle(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    await saving;
    saving = undefined;
  }

  return {
    reached(partition, position) {
      pending.set(partition, position);
      schedule();
    },
    async flush() {
      await settle();
      await savePending();
    },
    async drop() {
      pending.clear();
      await settle();
      pending.clear();
    },
  };
}
