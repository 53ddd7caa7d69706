/** Publishes of one bus that wait for the server at once; further ones wait here. */
export const PUBLISHES_IN_FLIGHT_MAX = 1_024;
/**
 * Bytes of those publishes; bounds what a slow server makes us hold. One message may exceed it
 * alone.
 */
export const PUBLISH_BYTES_IN_FLIGHT_MAX = 64 * 1024 * 1024;
/** How long a publish is tried, over reconnects, before UNAVAILABLE. */
export const PUBLISH_TIMEOUT_MS = 30_000;
/** How long one request waits before it is sent again. */
export const ATTEMPT_TIMEOUT_MS = 5_000;
export const RETRY_DELAY_MS = 50;
export const RETRY_DELAY_MS_MAX = 1_000;

/**
 * Used where a message is not stored yet, so the server's own answer cannot be asked:
 * nats-server's default.
 */
export const MAX_PAYLOAD_BYTES_DEFAULT = 8 * 1024 * 1024;

export const ACK_WAIT_MS_DEFAULT = 30_000;
export const MAX_ACK_PENDING_DEFAULT = 1_000;
export const BATCH_SIZE_DEFAULT = 1;
export const CONCURRENCY_DEFAULT = 1;

/** Wait before a message whose handler threw is delivered again: doubles with every delivery. */
export const HANDLER_RETRY_DELAY_MS = 100;
export const HANDLER_RETRY_DELAY_MS_MAX = 30_000;
