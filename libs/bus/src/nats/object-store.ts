import { Objm } from '@nats-io/obj';
import type { ObjectStore as ClientObjectStore } from '@nats-io/obj';
import { ArgosyError } from '@argosy/base';
import type { ObjectStore } from '../types.ts';
import { fromClientError } from './client-errors.ts';
import type { Connection } from './connection.ts';

const CHUNK_BYTES = 128 * 1024;

/**
 * An object store of NATS: chunks, then a message that says where they are and what their digest
 * is.
 */
export async function openObjectStore(connection: Connection, name: string): Promise<ObjectStore> {
  const store = await new Objm(connection.client)
    .open(name)
    .catch((error: unknown) => fail(error, `object store ${name}`));
  return {
    put: async (objectName, content) => put(store, objectName, content),
    get: async (objectName) => {
      const found = await store
        .get(objectName)
        .catch((error: unknown) => fail(error, `object ${objectName}`));
      return found === null ? undefined : contentOf(found, objectName);
    },
    delete: async (objectName) => {
      const info = await store
        .info(objectName)
        .catch((error: unknown) => fail(error, `object ${objectName}`));
      if (info === null || info.deleted) return;
      await store.delete(objectName).catch((error: unknown) => fail(error, `object ${objectName}`));
    },
    list: async (prefix) => {
      const infos = await store.list().catch((error: unknown) => fail(error, `objects of ${name}`));
      const names = infos.filter((info) => !info.deleted).map((info) => info.name);
      return names.filter((known) => known.startsWith(prefix)).toSorted();
    },
  };
}

async function put(
  store: ClientObjectStore,
  name: string,
  content: AsyncIterable<Uint8Array>,
): Promise<{ readonly size: number }> {
  const stream = ReadableStream.from(content);
  const meta = { name, options: { max_chunk_size: CHUNK_BYTES } };
  const info = await store
    .put(meta, stream)
    .catch((error: unknown) => fail(error, `object ${name}`));
  return { size: info.size };
}

async function* contentOf(
  found: NonNullable<Awaited<ReturnType<ClientObjectStore['get']>>>,
  name: string,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of found.data) {
      if (chunk.length > 0) yield chunk;
    }
    const problem = await found.error;
    if (problem instanceof Error) throw problem;
  } catch (error) {
    fail(error, `object ${name}`);
  }
}

function fail(error: unknown, what: string): never {
  if (error instanceof ArgosyError) throw error;
  throw fromClientError(error, what);
}
