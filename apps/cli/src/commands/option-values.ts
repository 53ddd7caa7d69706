import { InvalidArgumentError, Option } from 'commander';
import { FORMATS, type OutputFormat } from '../view/output.ts';

const PORT_MAX = 65_535;
/** Most tasks at work at once on one machine. */
const CONCURRENCY_MAX = 10_000;
/** Largest int32, the type of counts and priorities on the wire. */
const INT32_MAX = 2_147_483_647;

/** commander's reader of a whole number within bounds; what it says names the bounds. */
export function integer(bounds: {
  readonly min: number;
  readonly max?: number;
  readonly what: string;
}) {
  const { min, max = INT32_MAX, what } = bounds;
  return (text: string): number => {
    const value = Number(text);
    if (/^[+-]?\d+$/.test(text) && value >= min && value <= max) return value;
    const range = max === INT32_MAX ? `from ${min}` : `from ${min} to ${max}`;
    throw new InvalidArgumentError(`It takes ${what}: a whole number ${range}.`);
  };
}

export const readPort = integer({ min: 0, max: PORT_MAX, what: 'a port' });
export const readConcurrency = integer({ min: 1, max: CONCURRENCY_MAX, what: 'a number of tasks' });
export const readLineCount = integer({ min: 0, what: 'a number of lines' });
export const readLimit = integer({ min: 1, what: 'a number of workflows' });
export const readFactLimit = integer({ min: 1, what: 'a number of facts' });
export const readLetterLimit = integer({ min: 1, max: 5_000, what: 'a number of dead letters' });
export const readPriority = integer({ min: -INT32_MAX, what: 'a priority' });

/** commander's collector of an option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** `-o FORMAT` with the formats that the command has. */
export function outputOption(...formats: readonly Exclude<OutputFormat, 'table'>[]): Option {
  const known = formats.length > 0 ? formats : FORMATS;
  return new Option('-o, --output <format>', 'how to print').choices([...known]);
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

export function logLevelOption(description: string): Option {
  return new Option('--log-level <level>', description).choices([...LOG_LEVELS]);
}

/** The level that a variable of the environment asks for; undefined when it names none. */
export function isLogLevel(text: string | undefined): text is (typeof LOG_LEVELS)[number] {
  return LOG_LEVELS.some((level) => level === text);
}
