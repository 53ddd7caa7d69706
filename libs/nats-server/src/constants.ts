/**
 * The oldest nats-server that has all that the bus uses (per-message TTL, delete markers, batched
 * direct get).
 */
export const MINIMUM_VERSION = '2.12.0';
/** The version that is built or downloaded when none is found. */
export const PREFERRED_VERSION = '2.15.2';

/** Largest message the server takes. nats-server itself advises against more. */
export const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024;

export const VERSION_CHECK_TIMEOUT_MS = 10_000;
export const WHEEL_TIMEOUT_MS = 180_000;
export const GO_BUILD_TIMEOUT_MS = 600_000;
export const DOWNLOAD_TIMEOUT_MS = 300_000;
/** A release archive is some 8 MB; more than this is not one. */
export const DOWNLOAD_MAX_BYTES = 128 * 1024 * 1024;

/** From the start of the process to its answer. A large store takes a while to be recovered. */
export const START_TIMEOUT_MS = 60_000;
export const STOP_TIMEOUT_MS = 10_000;
