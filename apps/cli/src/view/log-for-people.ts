import { createLogger, type Logger } from '@argosy/telemetry';
import type { Notices } from './notices.ts';
import type { Style } from './style.ts';

const LEVEL_ERROR = 50;

/** The fields of a log line that people are told. */
interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly message?: string;
}

/**
 * A log whose warnings and errors are sentences for people instead of records: for commands that start
 * services of their own and show something else.
 */
export function createLogForPeople(notices: Notices, style: Style): Logger {
  return createLogger({
    level: 'warn',
    destination: {
      write(line) {
        const { level, msg, message } = JSON.parse(line) as LogLine;
        const severity =
          level >= LEVEL_ERROR ? style.phase('Error', 'error') : style.phase('Pending', 'warning');
        notices.print(`${severity}: ${msg}${message === undefined ? '' : `: ${message}`}`);
      },
    },
  });
}
