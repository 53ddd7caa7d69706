import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Answer, Question } from './language.ts';

const tools = join(import.meta.dirname, '../../tools');

/** The Go program of a folder of tools, answering one line for one line. */
export interface Oracle extends AsyncDisposable {
  /** The answers, in the order of the questions. */
  ask(questions: readonly Question[]): Promise<readonly Answer[]>;
}

/** The version of Go, or undefined where there is none. */
export function goVersion(): string | undefined {
  const found = spawnSync('go', ['version'], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : undefined;
}

/** Builds the program into a folder and starts it. Throws with Go's words when it does not build. */
export function startOracle(folder: string, into: string): Oracle {
  const program = join(into, folder);
  const cwd = join(tools, folder);
  const built = spawnSync('go', ['build', '-o', program, '.'], { cwd, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`tools/${folder} does not build:\n${built.stderr}`);
  const child = spawn(program, ['oracle'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = once(child, 'exit');
  const next = async (): Promise<Answer> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`the oracle tools/${folder} ended`);
    return JSON.parse(line.value) as Answer;
  };
  return {
    async ask(questions) {
      child.stdin.write(questions.map((question) => `${JSON.stringify(question)}\n`).join(''));
      const answers: Answer[] = [];
      while (answers.length < questions.length) answers.push(await next());
      return answers;
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  };
}
