// Covers the HTTP status and the number of every error code against the table that users read. Leaves out the
// requests that the server refuses by itself (edges.test.ts).
import { readFileSync } from 'node:fs';
import { ArgosyError, ERROR_CODES, type ErrorCode } from '@argosy/base';
import { expect, it } from 'vitest';
import { errorAnswer } from './errors.ts';

const TABLE = new URL('../../../../docs/reference/errors.md', import.meta.url);

it('errors are answered with the status and the number that the reference says', () => {
  const text = readFileSync(TABLE, 'utf8');
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    const row = text.split('\n').find((line) => line.startsWith(`| \`${code}\``)) ?? '';
    const [, status, number] = /\| (\d+)(?: or \d+)? \/ [A-Z_]+ \((\d+)\)/.exec(row) ?? [];
    const answer = errorAnswer(new ArgosyError(code, 'a reason'));
    expect([code, String(answer.status), String(answer.body.code)]).toEqual([code, status, number]);
  }
});
