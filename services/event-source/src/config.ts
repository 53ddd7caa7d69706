import type { HttpLimits } from './drivers/http/limits.ts';

export interface EventSourceConfig {
  /** Address of the gRPC server; port 0 takes a free one. */
  readonly rpcHost: string;
  readonly rpcPort: number;
  /** Address that the ports of webhooks are opened on. */
  readonly webhookHost: string;
  /** Bounds of the HTTP listeners; default HTTP_LIMITS. */
  readonly httpLimits?: HttpLimits;
  /** The time that signatures are judged by, Unix milliseconds; default the system's. */
  readonly clock?: () => number;
}
