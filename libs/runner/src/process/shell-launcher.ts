import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Launched, Launcher } from './launcher.ts';
import type { OutputPipe } from './output-pipes.ts';
import type { HostCommand } from './task-root.ts';

/**
 * Takes names of files with commands, one a line, and runs each in a shell of its own beside the others. `jobs`
 * takes note of those that ended, which would stay as dead entries otherwise.
 */
const LOOP = 'exec 4>&1; while IFS= read -r file; do ( . "$file" ) & jobs >/dev/null; done';

/** Exit code that is assumed when the shell is killed, and with it the knowledge of how its processes ended. */
const KILLED = 128 + constants.signals.SIGKILL;

type Shell = ChildProcessByStdio<Writable, Readable, null>;

interface Waiting {
  readonly started: (pid: number) => void;
  readonly failed: (error: Error) => void;
  readonly ended: (exitCode: number) => void;
}

/**
 * Starts processes from a small shell that stays: copying this process for each start takes several times as long
 * and holds everything up meanwhile. When the shell is gone the next start makes a new one.
 */
export function createShellLauncher(options: {
  /** For the files with commands; made when missing. */
  readonly directory: string;
  readonly setsidProgram: string;
  readonly envProgram: string;
}): Launcher {
  const waiting = new Map<string, Waiting>();
  let shell: Shell | undefined;
  let count = 0;

  const open = (): Shell => {
    mkdirSync(options.directory, { recursive: true });
    const opened: Shell = spawn('/bin/sh', ['-c', LOOP], {
      cwd: '/',
      env: {},
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const lines = createInterface({ input: opened.stdout });
    lines.on('line', (line) => handle(line, waiting));
    opened.stdin.on('error', () => undefined);
    const gone = (): void => {
      if (shell === opened) shell = undefined;
      for (const one of waiting.values()) {
        one.failed(new Error('the shell that starts processes has ended'));
        one.ended(KILLED);
      }
      waiting.clear();
    };
    opened.once('exit', gone);
    opened.once('error', gone);
    // Neither keeps this process alive; the shell ends when its input does.
    opened.unref();
    unrefStream(opened.stdout);
    unrefStream(opened.stdin);
    return opened;
  };

  return {
    async launch(command, stdout, stderr) {
      shell ??= open();
      count += 1;
      const id = String(count);
      const file = join(options.directory, `start-${id}`);
      writeFileSync(file, scriptOf(id, command, { ...options, stdout, stderr }));
      const exited = Promise.withResolvers<number>();
      const started = new Promise<number>((resolve, reject) => {
        waiting.set(id, { started: resolve, failed: reject, ended: exited.resolve });
      });
      shell.stdin.write(`${file}\n`);
      try {
        const pid = await started;
        return { pid, exited: exited.promise } satisfies Launched;
      } finally {
        rmSync(file, { force: true });
      }
    },
  };
}

/** `S id pid`: started. `E id code`: ended. */
function handle(line: string, waiting: Map<string, Waiting>): void {
  const [kind, id = '', value] = line.split(' ');
  const one = waiting.get(id);
  if (kind === 'S') one?.started(Number(value));
  if (kind !== 'E') return;
  waiting.delete(id);
  one?.ended(Number(value));
}

function scriptOf(
  id: string,
  command: HostCommand,
  tools: {
    readonly setsidProgram: string;
    readonly envProgram: string;
    readonly stdout: OutputPipe;
    readonly stderr: OutputPipe;
  },
): string {
  const variables = Object.entries(command.environment).map(([name, value]) => `${name}=${value}`);
  const words = [
    tools.setsidProgram,
    ...[tools.envProgram, '-i', ...variables],
    ...[command.program, ...command.args],
  ];
  return [
    `exec </dev/null >${quoted(tools.stdout.path)} 2>${quoted(tools.stderr.path)}`,
    `cd -- ${quoted(command.workingDirectory)} || exit 125`,
    `${words.map(quoted).join(' ')} 4>&- &`,
    `pid=$!; echo "S ${id} $pid" >&4; wait "$pid"; echo "E ${id} $?" >&4`,
    '',
  ].join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Pipes of a child are sockets, which hold the event loop open unless they are told not to. */
function unrefStream(stream: Readable | Writable): void {
  if ('unref' in stream && typeof stream.unref === 'function') stream.unref();
}
