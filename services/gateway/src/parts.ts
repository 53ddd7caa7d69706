import type { Logger, Metrics } from '@argosy/telemetry';
import type { Authenticate } from './authentication.ts';
import type { IngressPeers } from './peers.ts';
import type { ActionTools } from './runs/run-actions.ts';
import type { SubmitTools } from './submission/submit.ts';

/** What the REST and the gRPC side share; made once by `startGateway`. */
export interface GatewayParts extends SubmitTools, ActionTools {
  readonly authenticate: Authenticate;
  readonly ingress: IngressPeers;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly identity: {
    readonly version: string;
    readonly replicaId: string;
    readonly startedAtMs: number;
  };
  /** `http://host:port`; empty until the port is bound. */
  httpAddress(): string;
  ready(): { readonly ready: boolean; readonly reason?: string };
  /** Aborted when the gateway stops: streams end then. */
  readonly stopping: AbortSignal;
}
