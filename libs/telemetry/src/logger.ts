import { pino } from 'pino';
import { PinoPretty } from 'pino-pretty';
import type { Logger } from './types.ts';

export interface LoggerOptions {
  /** Name of the service, on every line; absent where children name theirs. */
  readonly name?: string;
  /** trace | debug | info | warn | error | silent; default info. */
  readonly level?: string;
  /** Lines for people instead of JSON; default: when standard error is a terminal. */
  readonly pretty?: boolean;
  /** Where lines go; default standard error, so that standard output stays the command's own. */
  readonly destination?: { write(line: string): void };
}

/** Fields whose values never reach a log. */
const REDACTED_FIELDS = [
  'token',
  'password',
  'secret',
  'authorization',
  '*.token',
  '*.password',
  '*.secret',
  '*.authorization',
  'headers.authorization',
  'headers.cookie',
];

/**
 * The log of one service: JSON lines (or pretty ones on a terminal) with `trace_id` where the caller gives it.
 * Known secret fields are masked.
 */
export function createLogger(options: LoggerOptions): Logger {
  const settings = {
    level: options.level ?? 'info',
    base: options.name === undefined ? {} : { service: options.name },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED_FIELDS, censor: '***' },
  };
  if (options.destination !== undefined) return pino(settings, options.destination);
  if (options.pretty ?? process.stderr.isTTY === true) {
    const stream = PinoPretty({
      destination: 2,
      sync: true,
      ignore: 'pid,hostname,service',
      translateTime: 'SYS:HH:MM:ss.l',
    });
    return pino(settings, stream);
  }
  return pino(settings, pino.destination({ dest: 2, sync: true }));
}
