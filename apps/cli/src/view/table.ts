import { stripVTControlCharacters } from 'node:util';

/** Columns aligned with two blanks between them; colour codes do not count. The last column is not padded. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, visibleLength(cell));
    });
  }
  return rows
    .map((row) =>
      row
        .map((cell, index) =>
          index === row.length - 1
            ? cell
            : cell + ' '.repeat((widths[index] ?? 0) - visibleLength(cell) + 2),
        )
        .join('')
        .trimEnd(),
    )
    .join('\n');
}

/** One row of a table whose other rows are not known yet: each cell but the last takes its width at least. */
export function rowOf(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, index) => {
      const missing = (widths[index] ?? 0) - visibleLength(cell);
      return index === cells.length - 1 ? cell : cell + ' '.repeat(Math.max(missing, 0) + 2);
    })
    .join('')
    .trimEnd();
}

function visibleLength(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length;
}
