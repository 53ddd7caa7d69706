import type { CommandContext } from '../commands/context.ts';
import { runProgram } from '../program.ts';
import { createNotices } from '../view/notices.ts';
import { styleFor } from '../view/style.ts';

/** Runs a command line on a home where nothing runs; `said` is both streams. */
export async function runLine(
  argv: readonly string[],
  given: { readonly home: string; readonly input: string },
): Promise<{ readonly code: number; readonly said: string }> {
  let said = '';
  const stream = { write: (text: string) => (said += text) };
  const style = styleFor({ isTTY: false }, {});
  const context: CommandContext = {
    stdout: stream,
    stderr: stream,
    stdin: (async function* () {
      yield await Promise.resolve(given.input);
    })(),
    env: { ARGOSY_HOME: given.home },
    style,
    errorStyle: style,
    notices: createNotices(stream),
    signal: new AbortController().signal,
  };
  return { code: await runProgram(argv, context), said };
}
