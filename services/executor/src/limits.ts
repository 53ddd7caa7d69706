/** Every bound of the executor, with its unit. */

/** A task that was neither extended nor acked for this long goes to another executor; milliseconds. */
export const TASK_ACK_WAIT_MS = 10_000;

/** How often a running task is extended, in milliseconds; several fit in the ack wait. */
export const TASK_HEARTBEAT_MS = 3_000;

/** Most tasks of a pool that are handed out and not acked, over all executors. */
export const TASKS_ACK_PENDING_MAX = 65_536;

/** Tasks at the same time for each processor, when the configuration names no number. */
export const TASKS_PER_PROCESSOR = 4;

/** Part of the concurrency that is added for tasks of high priority alone, so that they never queue. */
export const HIGH_PRIORITY_SHARE = 0.25;

/** Tasks at the same time whose work is done elsewhere: http, plugin and resource templates. */
export const REMOTE_TASKS_MAX = 256;

/** A task that ends sooner is reported once, as finished, and not as started before; milliseconds. */
export const STARTED_REPORT_DELAY_MS = 25;

/** Buffered output is sent after this time at the latest, in milliseconds … */
export const LOG_FLUSH_MS = 100;

/** … or when this many bytes have come together. */
export const LOG_CHUNK_BYTES_MAX = 16 * 1024;

/** With more unsent bytes than this of one task, nothing more is read from it until they are sent. */
export const LOG_BACKLOG_BYTES_MAX = 256 * 1024;

/** Most bytes of output kept for one attempt at a task; the rest is counted and dropped. */
export const LOG_TASK_BYTES_MAX = 64 * 1024 * 1024;

/** Wait before a report that could not be stored is sent again: doubles from the first to the second. */
export const REPORT_RETRY_MS_MIN = 100;
export const REPORT_RETRY_MS_MAX = 5_000;

/** Different warnings that are remembered, so that the same one is not given for every task. */
export const WARNINGS_REMEMBERED_MAX = 1_000;

/** Share of the stop's budget in which running tasks may still end by themselves. */
export const STOP_DRAIN_SHARE = 0.5;
