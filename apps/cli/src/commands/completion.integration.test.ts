// Covers what the completion script offers in a real bash. Leaves out zsh, which runs the same script, and fish.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../program.ts';
import { processContext } from './context.ts';

async function printedBy(argv: readonly string[]): Promise<string> {
  let printed = '';
  const stdout = { write: (text: string) => (printed += text) };
  await runProgram(argv, { ...processContext(new AbortController().signal), stdout });
  return printed;
}

describe('the completion script for bash', () => {
  let home: string;
  let script: string;

  afterAll(() => {
    rmSync(home, { recursive: true, force: true });
  });

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'argosy-completion-'));
    script = join(home, 'completion.sh');
    writeFileSync(script, await printedBy(['completion', 'bash']));
  });

  /** What bash would offer for these words; `argosy list` is answered by two names. */
  function complete(...words: readonly string[]): readonly string[] {
    const program = `
      source "$1"; shift
      argosy() { [ "$*" = "list -o name" ] && printf 'run-a\\nrun-b\\n'; }
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _argosy
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const argv = ['--norc', '-c', program, 'bash', script, 'argosy', ...words];
    const printed = execFileSync('bash', argv, { encoding: 'utf8' });
    return printed.split('\n').filter((line) => line !== '');
  }

  it.each([
    [['li'], ['list', 'lint']],
    [
      ['-n', 'lab', 'li'],
      ['list', 'lint'],
    ],
    [
      ['events', ''],
      ['send', 'tail', 'replay', 'dlq'],
    ],
    [['events', 'send', '--da'], ['--data']],
    [
      ['list', '-o', ''],
      ['json', 'yaml', 'name', 'wide'],
    ],
    [
      ['submit', '-o', ''],
      ['json', 'yaml', 'name'],
    ],
    [
      ['get', 'run-'],
      ['run-a', 'run-b'],
    ],
    [
      ['logs', '-f', 'run-'],
      ['run-a', 'run-b'],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['get', '--out'], ['--output']],
    [['run', ''], []],
    [['--home', ''], []],
  ])('offers for %j: %j', (words, offered) => {
    expect(complete(...words)).toEqual(offered);
  });
});
