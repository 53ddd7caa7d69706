import type { GatewayEndpoint } from '@argosy/shell';
import type { HttpLimits } from './drivers/http/limits.ts';
import type { ClusterConfig } from './drivers/resource/cluster/cluster-access.ts';

export interface EventSourceConfig {
  /** Address of the gRPC server; port 0 takes a free one. */
  readonly rpcHost: string;
  readonly rpcPort: number;
  /** Address that the ports of webhooks are opened on. */
  readonly webhookHost: string;
  /** Bounds of the HTTP listeners; default HTTP_LIMITS. */
  readonly httpLimits?: HttpLimits;
  /** For events of workflows that hold all of them; without it they hold what lists show. */
  readonly gateway?: GatewayEndpoint | undefined;
  /** The Kubernetes cluster whose objects resource event sources follow. */
  readonly cluster?: ClusterConfig | undefined;
  /** The time that signatures are judged by, Unix milliseconds; default the system's. */
  readonly clock?: () => number;
}
