import { SyncLimit_Type, SyncService, type SyncLimit as WireLimit } from '@argosy/api';
import { rpcService, type RpcService } from '@argosy/rpc';
import type { GatewayParts } from '../parts.ts';
import { createSyncLimits, type SyncLimit } from '../sync/sync-limits.ts';

/** The limits of semaphores. */
export function syncService(parts: GatewayParts): RpcService {
  const limits = createSyncLimits(parts.bus);
  const read = (wire: WireLimit | undefined): SyncLimit => ({
    type: wire?.type === SyncLimit_Type.DATABASE ? 'Database' : 'ConfigMap',
    namespace: wire?.namespace || parts.namespaceDefault,
    configMap: wire?.configMap ?? '',
    key: wire?.key ?? '',
    limit: wire?.limit ?? 0,
  });
  return rpcService(SyncService, {
    createSyncLimit: async ({ limit }) => ({ limit: toWire(await limits.create(read(limit))) }),
    getSyncLimit: async ({ limit }) => ({ limit: toWire(await limits.get(read(limit))) }),
    updateSyncLimit: async ({ limit }) => ({ limit: toWire(await limits.update(read(limit))) }),
    async deleteSyncLimit({ limit }) {
      await limits.delete(read(limit));
      return {};
    },
  });
}

function toWire({ type, ...limit }: SyncLimit) {
  const wireType = type === 'Database' ? SyncLimit_Type.DATABASE : SyncLimit_Type.CONFIG_MAP;
  return { ...limit, type: wireType };
}
