/** Bounds of the listeners of the HTTP family. */
export interface HttpLimits {
  /** From the first byte of a request to the last of its body; then 408. */
  readonly requestTimeoutMs: number;
  /** How often slow requests are looked for. */
  readonly timeoutCheckMs: number;
  /** Connections of one port at the same time. */
  readonly connectionsMax: number;
  /** Bodies of all ports in memory at the same time; then 503. */
  readonly bufferedBytesMax: number;
  /** Head of one request; then 431. */
  readonly headBytesMax: number;
  /** What is read and thrown away of a body that is too large, so that the sender sees the answer. */
  readonly discardedBytesMax: number;
}

export const HTTP_LIMITS: HttpLimits = {
  requestTimeoutMs: 30_000,
  timeoutCheckMs: 1_000,
  connectionsMax: 4_096,
  bufferedBytesMax: 128 * 1_048_576,
  headBytesMax: 64 * 1_024,
  discardedBytesMax: 16 * 1_048_576,
};

/** `maxPayloadSize` when the manifest has none. */
export const PAYLOAD_BYTES_DEFAULT = 1_048_576;
