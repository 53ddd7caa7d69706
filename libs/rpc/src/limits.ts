/** Largest message in either direction, bytes. Above the bus' own limit, so that a whole run fits. */
export const RPC_MESSAGE_BYTES_MAX = 64 * 1024 * 1024;

/** Time a unary call may take when the caller names none, milliseconds. Streams have no default. */
export const RPC_DEADLINE_MS_DEFAULT = 30_000;

/** Longest status message that is sent, characters; headers of HTTP/2 are small. */
export const STATUS_MESSAGE_LENGTH_MAX = 4_000;

/** How often the readiness of the process is carried over to the health service, milliseconds. */
export const READINESS_POLL_MS = 1_000;

/** Silence after which a connection is probed, and how long the answer may take, milliseconds. */
export const KEEPALIVE_TIME_MS = 20_000;
export const KEEPALIVE_TIMEOUT_MS = 10_000;
