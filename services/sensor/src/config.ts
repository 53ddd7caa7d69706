import type { GatewayEndpoint } from '@argosy/shell';

export interface SensorConfig {
  /** Address of the gRPC server; port 0 takes a free one. */
  readonly rpcHost: string;
  readonly rpcPort: number;
  /** Partitions of workflow runs; the same number in every service. */
  readonly partitions: number;
  /** For triggers that work on kept objects; without it they fail with an error that says so. */
  readonly gateway?: GatewayEndpoint | undefined;
  /** Directory of this host whose files triggers may take their objects from; none by default. */
  readonly filesDirectory?: string | undefined;
}
