import type { CronClock } from './cron/clock.ts';

/** How a scheduler is set up. */
export interface SchedulerConfig {
  /** Number of partitions of the whole installation; the same for all services. */
  readonly partitions: number;
  /** Address of the gRPC server; port 0 takes a free one. */
  readonly rpcHost: string;
  readonly rpcPort: number;
  /** Pool whose executors run the tasks. Default `default`. */
  readonly pool?: string;
  /** How long the ownership of a partition outlives its owner. Default 10_000. */
  readonly leaseTtlMs?: number;
  /** What tells the schedules of CronWorkflows the time. Default: this machine's clock. */
  readonly clock?: CronClock;
  /** Time zone of CronWorkflows that name none. Default: this machine's. */
  readonly zone?: string;
  /** Name of the ConfigMap with the installation's configuration. Default as Argo's controller has it. */
  readonly configMap?: string;
  /** Where that ConfigMap may be; the first place that has it counts. */
  readonly configNamespaces?: readonly string[];
  /** How often runs that are gone are looked for among the holders of locks. Default 15_000. */
  readonly lockAuditIntervalMs?: number;
}

/** How long what a replica owns outlives it. */
export const LEASE_TTL_MS_DEFAULT = 10_000;

/** Argo's own namespace, and the one that manifests without a namespace go to. */
export const CONFIG_NAMESPACES_DEFAULT = ['argo', 'default'];

/** Most commands handled in one go by one partition. */
export const BATCH_COMMANDS_MAX = 256;

/** Finished runs whose state is kept in memory, for late commands. */
export const FINISHED_RUNS_KEPT_MAX = 256;

/** Bytes of facts in one message; a larger decision is cut into several. */
export const FACT_MESSAGE_BYTES_MAX = 1_000_000;

/** Bytes of one message of facts at the most: what the bus takes, less room for headers. */
export const FACT_BYTES_MAX = 8 * 1024 * 1024 - 64 * 1024;

/** Least time between two summaries of a run that only made progress. */
export const PROGRESS_INTERVAL_MS = 500;

/** How often a task that was told to end is told again until its report arrives. */
export const CANCEL_REPEAT_MS = 1_000;

/** Bytes of one task in the work queue: what the bus takes, less room for headers. */
export const TASK_BYTES_MAX = 8 * 1024 * 1024 - 64 * 1024;

/** Wait before a command that could not be carried out comes again: doubles from the first to the second. */
export const COMMAND_RETRY_MS_MIN = 500;
export const COMMAND_RETRY_MS_MAX = 30_000;
