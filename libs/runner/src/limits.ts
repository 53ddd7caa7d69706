/** Every bound of the runners, with its unit. Crossing one is said in the outcome or in the log. */

/** Most bytes of standard output kept as `outputs.result`; the last ones are kept. */
export const RESULT_BYTES_MAX = 256 * 1024;

/** Most bytes of one output parameter's file; a larger one is refused, because half a value is a wrong one. */
export const PARAMETER_BYTES_MAX = 1024 * 1024;

/** Time between the first signal and the kill when the canceller names none, in milliseconds. */
export const GRACE_DEFAULT_MS = 10_000;

/** Time that a killed process group has for going, in milliseconds. */
export const KILL_WAIT_MS_MAX = 5_000;

/** Time that pipes may stay open after the process has ended, in milliseconds. */
export const PIPE_DRAIN_MS_MAX = 1_000;

/** How often the progress file is looked at, in milliseconds. */
export const PROGRESS_POLL_MS = 1_000;

/** Most bytes read from the progress file. */
export const PROGRESS_BYTES_MAX = 64;

/** Most bytes of the setup's standard error that are quoted in a message. */
export const SETUP_MESSAGE_BYTES_MAX = 4_096;

/** Most bytes that one environment variable may hold; Linux refuses more in one string. */
export const ENVIRONMENT_VALUE_BYTES_MAX = 128 * 1024 - 1;

/** Most bytes of an HTTP response body that are kept as the result. */
export const HTTP_BODY_BYTES_MAX = 256 * 1024;

/** Time for an HTTP template that sets no `timeoutSeconds`, in milliseconds. */
export const HTTP_TIMEOUT_DEFAULT_MS = 30_000;

/** Most bytes of one artifact that is fetched or stored. */
export const ARTIFACT_BYTES_MAX = 4 * 1024 * 1024 * 1024;

/** Time between two looks of a readiness probe that names none, in milliseconds. */
export const PROBE_PERIOD_DEFAULT_MS = 1_000;

/** Time for one look of a readiness probe that names none, in milliseconds. */
export const PROBE_TIMEOUT_DEFAULT_MS = 1_000;
