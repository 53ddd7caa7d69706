import type { ObjectStore } from '../types.ts';

/**
 * Objects in a map. An object appears when it is complete, and a reader keeps what it began to
 * read.
 */
export function createMemoryObjectStore(): ObjectStore {
  const objects = new Map<string, readonly Uint8Array[]>();
  return {
    put: async (name, content) => {
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of content) {
        chunks.push(chunk.slice());
        size += chunk.length;
      }
      objects.set(name, chunks);
      return { size };
    },
    get: async (name) => {
      const chunks = objects.get(name);
      return Promise.resolve(chunks === undefined ? undefined : iterate(chunks));
    },
    delete: async (name) => {
      objects.delete(name);
      return Promise.resolve();
    },
    list: async (prefix) => {
      const names = [...objects.keys()].filter((name) => name.startsWith(prefix));
      return Promise.resolve(names.toSorted());
    },
  };
}

async function* iterate(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}
