/** How a gateway is set up. */
export interface GatewayConfig {
  /** REST, web hooks, health and metrics; port 0 takes a free one. */
  readonly httpHost: string;
  readonly httpPort: number;
  /** The public gRPC API; port 0 takes a free one. */
  readonly rpcHost: string;
  readonly rpcPort: number;
  /** Bearer tokens that are let in; at least one. */
  readonly tokens: readonly string[];
  /** Number of partitions of the whole installation; the same for all services. */
  readonly partitions: number;
  /** Where manifests without a namespace go. Default `default`. */
  readonly namespaceDefault?: string;
  /** What `/api/v1/version` answers. */
  readonly version?: string;
  /** How long the owner of a run may take to answer a command. Default COMMAND_TIMEOUT_MS. */
  readonly commandTimeoutMs?: number;
  /** How long a submission waits for its run to begin. Default SUBMIT_TIMEOUT_MS. */
  readonly submitTimeoutMs?: number;
  /** Name of the ConfigMap with the installation's configuration. Default as Argo's controller has it. */
  readonly configMap?: string;
  /** Where it may be, the first place that has it counts. Default `argo`, then the default namespace. */
  readonly configNamespaces?: readonly string[];
}

/** Longest body of a request, bytes; a longer one is refused with 413. */
export const HTTP_BODY_BYTES_MAX = 16 * 1024 * 1024;

/** Longest event for WorkflowEventBindings, bytes: it is read before its sender is known. */
export const BINDING_EVENT_BYTES_MAX = 2 * 1024 * 1024;

/**
 * A body that is too large is still read to its end, within these bounds, before the refusal is sent: a
 * client that is cut off while it sends would never see it.
 */
export const DISCARDED_BODY_BYTES_MAX = 128 * 1024 * 1024;
export const DISCARD_TIMEOUT_MS = 10_000;

/** Time until all headers and the body of a request must be there, milliseconds. */
export const HTTP_REQUEST_TIMEOUT_MS = 60_000;

/** How long a command's owner may take to answer, milliseconds. */
export const COMMAND_TIMEOUT_MS = 10_000;

/** How long a submission waits for its run to begin; the run is accepted without that, too. */
export const SUBMIT_TIMEOUT_MS = 5_000;

/** Age after which a name that was taken for a run that never began is free again, milliseconds. */
export const RESERVATION_VOID_MS = 10_000;

/** Folded runs kept in memory that nobody watches at present. */
export const FOLDED_RUNS_MAX = 64;

/** Least time between two states of a run that are sent to one watcher, milliseconds. */
export const WATCH_INTERVAL_MS = 100;

/** It grows to this many times what the watcher took for the last state: large runs are shown less often. */
export const WATCH_REST_FACTOR = 4;

/** Most nodes in one message to a watcher of changes; more come in several, so that none is too large for gRPC. */
export const WATCH_NODES_MAX = 2_000;

/**
 * Nodes of all folded runs together that are kept: some 300 MB. The run that was asked for last is kept in any case, and
 * so is what somebody watches.
 */
export const FOLDED_NODES_MAX = 200_000;

/** How long a deletion waits for a live run to end, milliseconds. */
export const DELETE_WAIT_MS = 10_000;

/** Most runs in one answer of a list, and the most with their whole objects. */
export const LIST_MAX = 5_000;
export const LIST_WHOLE_MAX = 500;

/** Most lines that `tailLines` may ask for. */
export const TAIL_LINES_MAX = 100_000;

/** Longest line of a log, characters; a longer one is cut into several. */
export const LOG_LINE_LENGTH_MAX = 65_536;

/** How long a write of a manifest waits until this replica's own copy has it, milliseconds. */
export const REGISTRY_CATCH_UP_MS = 2_000;

/** Silence on a stream after which a comment keeps the connection alive, milliseconds. */
export const STREAM_KEEPALIVE_MS = 15_000;

/** How long the event-source service may take for one web hook, milliseconds. */
export const WEBHOOK_TIMEOUT_MS = 30_000;

/** How long a list of live replicas is used before it is read again, milliseconds. */
export const PEERS_REFRESH_MS = 1_000;

/** Dead letters in one answer of a list, unless another number is asked for, and the most of them. */
export const DEAD_LETTERS_LISTED = 500;
export const DEAD_LETTERS_LISTED_MAX = 5_000;

/** How long a redrive waits for the sensor's answer, milliseconds; it goes on without that, too. */
export const REDRIVE_TIMEOUT_MS = 20_000;
