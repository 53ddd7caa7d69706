import { stripVTControlCharacters } from 'node:util';

/** Shows a text that changes: repainted in place on a terminal. */
export interface Repainter {
  /** Replaces what was shown last. */
  show(text: string): void;
  /** Prints lines that stay, above what is shown. */
  print(text: string): void;
  /** Leaves the last text standing. */
  done(): void;
}

/** The part of a terminal that the repainter needs. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly rows?: number;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Without a terminal only `print` writes at once; of the shown texts the last is written at the end. */
export function createRepainter(screen: Screen): Repainter {
  let shown = '';
  let height = 0;

  const clear = (): void => {
    if (height > 0) screen.write(`\x1b[${height}A\x1b[J`);
    height = 0;
  };

  const paint = (): void => {
    const lines = fit(shown, screen);
    screen.write(lines.map((line) => `${line}\n`).join(''));
    height = lines.length;
  };

  if (screen.isTTY !== true) {
    return {
      show: (text) => void (shown = text),
      print: (text) => void screen.write(`${text}\n`),
      done: () => void (shown !== '' && screen.write(`${shown}\n`)),
    };
  }
  return {
    show(text) {
      if (text === shown && height > 0) return;
      shown = text;
      clear();
      paint();
    },
    print(text) {
      clear();
      screen.write(`${text}\n`);
      if (shown !== '') paint();
    },
    done() {
      clear();
      if (shown !== '') screen.write(`${shown}\n`);
      shown = '';
    },
  };
}

/** Cuts to the screen: a repaint can only reach lines that are still on it. */
function fit(text: string, screen: Screen): readonly string[] {
  const rows = Math.max(4, (screen.rows || 24) - 1);
  const columns = screen.columns || 80;
  const lines = text.split('\n').map((line) => cut(line, columns - 1));
  if (lines.length <= rows) return lines;
  return [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more lines`];
}

/** Cuts a line that would wrap; colours are given up in a line that is cut. */
function cut(line: string, width: number): string {
  const plain = stripVTControlCharacters(line);
  const characters = Array.from(plain);
  return characters.length <= width ? line : `${characters.slice(0, width - 1).join('')}…`;
}
