import { BUCKETS, resourceKey } from '@argosy/api';
import type { Bus, KeyValueBucket } from '@argosy/bus';
import type { KeyedBytes, ResourceLookup } from '@argosy/runner';

interface DataManifest {
  /** ConfigMap: text. Secret: base64. */
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

/** Reads ConfigMaps and Secrets from the declared resources, each time anew: they may have changed. */
export function createResourceLookup(bus: Bus): ResourceLookup {
  let bucket: Promise<KeyValueBucket> | undefined;
  const read = async (
    kind: string,
    namespace: string,
    name: string,
  ): Promise<DataManifest | undefined> => {
    bucket ??= bus.keyValue(BUCKETS.resources);
    const entry = await (await bucket).get(resourceKey(kind, namespace, name));
    if (entry?.value === undefined) return undefined;
    return JSON.parse(new TextDecoder().decode(entry.value)) as DataManifest;
  };
  return {
    configMap: async (namespace, name) => {
      const manifest = await read('ConfigMap', namespace, name);
      if (manifest === undefined) return undefined;
      return { ...mapped(manifest.data, 'utf8'), ...mapped(manifest.binaryData, 'base64') };
    },
    secret: async (namespace, name) => {
      const manifest = await read('Secret', namespace, name);
      if (manifest === undefined) return undefined;
      return { ...mapped(manifest.data, 'base64'), ...mapped(manifest.stringData, 'utf8') };
    },
  };
}

function mapped(
  data: Readonly<Record<string, string>> | undefined,
  encoding: 'utf8' | 'base64',
): KeyedBytes {
  return Object.fromEntries(
    Object.entries(data ?? {}).map(([key, text]) => [key, Buffer.from(text, encoding)]),
  );
}
