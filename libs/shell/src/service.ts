import type { Bus } from '@argosy/bus';
import type { Logger, Metrics, Tracing } from '@argosy/telemetry';

/** What every service is given; all of it is owned by the caller, which also closes it. */
export interface ServiceContext {
  readonly bus: Bus;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  /** Unique id of this replica: its name in leases and in reports. */
  readonly replicaId: string;
  /** Host name or address under which other services reach this process. */
  readonly advertiseHost: string;
}

/** A service that is running. */
export interface RunningService {
  readonly name: string;
  /** `host:port` of its gRPC server (health and reflection included). */
  readonly rpcAddress: string;
  /** Whether it can do its work now; a sentence says why when it cannot. */
  ready(): { readonly ready: boolean; readonly reason?: string };
  /** Takes no new work, finishes or gives back what it holds within the budget, then resolves. */
  stop(budgetMs: number): Promise<void>;
}

/** How a service is started: `startGateway(context, config)`. */
export type StartService<Config> = (
  context: ServiceContext,
  config: Config,
) => Promise<RunningService>;
