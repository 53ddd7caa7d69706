import { ArgosyError } from '@argosy/base';
import type { CheckpointStore } from '../driver.ts';
import type { Memory } from './known-objects.ts';

/** What a resource event remembers between processes. */
export interface ResourceMemory extends Memory {
  /** Place and kind of the objects: the memory of another one is of no use. */
  readonly identity: string;
  /** What is looked at of them. With another one, what was left out until now may be of interest. */
  readonly view: string;
  /** When this event source began, Unix milliseconds; counts for `afterStart`. */
  readonly startedMs: number;
}

/** The memory, or nothing when there is none for these objects. */
export async function loadMemory(
  store: CheckpointStore,
  { identity, view }: Pick<ResourceMemory, 'identity' | 'view'>,
): Promise<ResourceMemory | undefined> {
  const stored = await store.load();
  if (stored === undefined) return undefined;
  const memory = memoryOf(new TextDecoder().decode(stored));
  if (memory?.identity !== identity) return undefined;
  return memory.view === view ? memory : { ...memory, view, position: undefined };
}

/** A checkpoint that is not one of ours is none. */
function memoryOf(text: string): ResourceMemory | undefined {
  try {
    const memory = JSON.parse(text) as Partial<ResourceMemory> | null;
    return Array.isArray(memory?.seen) ? (memory as ResourceMemory) : undefined;
  } catch {
    return undefined;
  }
}

/** Saves now and then what has changed. */
export interface MemorySaver {
  /** To be saved within SAVE_DELAY_MS. */
  changed(): void;
  /** Saves what is not saved yet. */
  close(): Promise<void>;
}

/** What was told in this time before a crash may be told again, under the same id. */
const SAVE_DELAY_MS = 1_000;

export function createMemorySaver(
  store: CheckpointStore,
  options: {
    readonly current: () => ResourceMemory;
    readonly onResult: (problem: string | undefined) => void;
  },
): MemorySaver {
  let timer: NodeJS.Timeout | undefined;
  let saving = Promise.resolve();
  const save = (): void => {
    timer = undefined;
    saving = saving.then(async () => {
      const problem = await saveOnce(store, options.current());
      options.onResult(problem);
      if (problem !== undefined) changed();
    });
  };
  let isClosed = false;
  function changed(): void {
    if (!isClosed) timer ??= setTimeout(save, SAVE_DELAY_MS);
  }
  return {
    changed,
    async close() {
      isClosed = true;
      if (timer !== undefined) {
        clearTimeout(timer);
        save();
      }
      await saving;
    },
  };
}

/** @returns what went wrong */
async function saveOnce(
  store: CheckpointStore,
  memory: ResourceMemory,
): Promise<string | undefined> {
  try {
    await store.save(new TextEncoder().encode(JSON.stringify(memory)));
    return undefined;
  } catch (error) {
    return ArgosyError.fromUnknown(error).message;
  }
}
