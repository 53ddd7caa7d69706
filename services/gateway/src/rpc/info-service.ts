import { InfoService } from '@argosy/api';
import { rpcService, type RpcService } from '@argosy/rpc';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { GatewayParts } from '../parts.ts';

/** What answers here, for clients and for people. */
export function infoService(parts: GatewayParts): RpcService {
  return rpcService(InfoService, {
    async getInfo(_request, { user }) {
      const { ready, reason = '' } = parts.ready();
      return {
        version: parts.identity.version,
        replicaId: parts.identity.replicaId,
        startedAt: timestampFromMs(parts.identity.startedAtMs),
        defaultNamespace: parts.namespaceDefault,
        partitions: parts.partitions,
        httpAddress: parts.httpAddress(),
        ready,
        reason,
        user,
      };
    },
  });
}
