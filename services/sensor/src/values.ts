import { BUCKETS, CLUSTER_NAMESPACE, resourceKey } from '@argosy/api';
import type { Bus } from '@argosy/bus';
import type { DeclaredResources } from '@argosy/shell';
import type { ValueLookup } from './triggers/trigger.ts';

/** Looks values up in the declared Secrets and ConfigMaps, which are followed, and manifests in the bus. */
export function createValueLookup(
  bus: Bus,
  resources: () => DeclaredResources | undefined,
): ValueLookup {
  const fields = (kind: string, namespace: string, name: string): Fields | undefined =>
    resources()?.get(resourceKey(kind, namespace, name))?.manifest as Fields | undefined;
  return {
    secret(namespace, name, key) {
      const secret = fields('secret', namespace, name);
      const text = secret?.stringData?.[key];
      if (typeof text === 'string') return text;
      const base64 = secret?.data?.[key];
      return typeof base64 === 'string'
        ? Buffer.from(base64, 'base64').toString('utf8')
        : undefined;
    },
    configMap(namespace, name, key) {
      const text = fields('configmap', namespace, name)?.data?.[key];
      return typeof text === 'string' ? text : undefined;
    },
    async manifest(kind, namespace, name) {
      const bucket = await bus.keyValue(BUCKETS.resources);
      const isCluster = kind.startsWith('Cluster');
      const key = resourceKey(kind, isCluster ? CLUSTER_NAMESPACE : namespace, name);
      const value = (await bucket.get(key))?.value;
      return value === undefined ? undefined : JSON.parse(new TextDecoder().decode(value));
    },
  };
}

interface Fields {
  readonly data?: Readonly<Record<string, unknown>>;
  readonly stringData?: Readonly<Record<string, unknown>>;
}
