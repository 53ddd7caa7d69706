import { styleText } from 'node:util';

/** How text is decorated: colours on a terminal, nothing elsewhere. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly phase: (phase: string, text: string) => string;
  /** Draws trees with Unicode marks, or with ASCII when false. */
  readonly unicode: boolean;
}

type Format = Parameters<typeof styleText>[0];

const PHASE_FORMATS: Readonly<Record<string, Format>> = {
  Succeeded: 'green',
  Failed: 'red',
  Error: 'red',
  Running: 'cyan',
  Pending: 'yellow',
  Skipped: 'dim',
  Omitted: 'dim',
};

/**
 * Colours only when the stream is a terminal and NO_COLOR is not set (https://no-color.org); FORCE_COLOR
 * turns them on anywhere.
 */
export function styleFor(
  stream: { readonly isTTY?: boolean },
  env: NodeJS.ProcessEnv = process.env,
): Style {
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0';
  const colours = forced || (stream.isTTY === true && !env['NO_COLOR']);
  const paint = (format: Format, text: string): string =>
    colours ? styleText(format, text, { validateStream: false }) : text;
  return {
    bold: (text) => paint('bold', text),
    dim: (text) => paint('dim', text),
    phase: (phase, text) => {
      const format = PHASE_FORMATS[phase];
      return format === undefined ? text : paint(format, text);
    },
    unicode: !/^(C|POSIX)$/.test(env['LC_ALL'] ?? env['LANG'] ?? 'C.UTF-8'),
  };
}
