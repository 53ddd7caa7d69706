import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@argosy/testkit';

const ROOT = join(import.meta.dirname, '..', '..', '..');
export const MAIN = join(ROOT, 'apps', 'cli', 'src', 'main.ts');
export const EXAMPLES = join(ROOT, 'examples');
/** The corpus of cases, which is not part of this repository. */
const CORPUS = process.env['CONFORMANCE_DIR'] ?? join(ROOT, '..', 'shared', 'conformance');
/** Argo's own example workflows. */
export const ARGO_EXAMPLES = join(CORPUS, 'workflows', 'files', 'examples');

export interface CommandOptions {
  /** Folder of the installation that the command talks to or starts. */
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** How a command ended. */
export interface CommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command at work. */
export interface RunningCommand {
  readonly child: ChildProcess;
  /** Everything printed so far, both streams. */
  text(): string;
  readonly end: Promise<CommandEnd>;
  /** Waits until the pattern has been printed. */
  until(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
}

/** Starts `argosy` as a process of its own. */
export function startArgosy(args: readonly string[], options: CommandOptions): RunningCommand {
  const environment: NodeJS.ProcessEnv = { ...process.env, ARGOSY_HOME: options.home };
  for (const name of ['FORCE_COLOR', 'ARGOSY_SERVER', 'ARGOSY_TOKEN', 'NODE_OPTIONS']) {
    Reflect.deleteProperty(environment, name);
  }
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: ROOT,
    env: { ...environment, ...options.env },
    stdio: 'pipe',
  });
  const printed = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const end = new Promise<CommandEnd>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code, signal, ...printed });
    });
  });
  const text = (): string => printed.stdout + printed.stderr;
  return {
    child,
    text,
    end,
    until: (pattern, timeoutMs = 60_000) =>
      eventually(
        () => {
          const match = pattern.exec(text());
          if (match === null) throw new Error(`${String(pattern)} is not in:\n${text()}`);
          return match;
        },
        { timeoutMs },
      ),
  };
}

/** Runs `argosy` to its end. */
export function argosy(args: readonly string[], options: CommandOptions): Promise<CommandEnd> {
  return startArgosy(args, options).end;
}

/** `argosy up` that answers. */
export interface Up extends RunningCommand {
  readonly httpAddress: string;
  readonly rpcAddress: string;
  readonly token: string;
}

/** Starts `argosy up` on free ports and waits until it answers. */
export async function startUp(options: CommandOptions): Promise<Up> {
  const ports = ['--port', '0', '--grpc-port', '0', '--log-level', 'warn'];
  const up = startArgosy(['up', ...ports], options);
  const [, httpAddress = ''] = await up.until(/web hooks\s+(http:\S+)/);
  const [, rpcAddress = ''] = await up.until(/gRPC\s+(\S+)/);
  const token = readFileSync(join(options.home, 'token'), 'utf8').trim();
  return { ...up, httpAddress, rpcAddress, token };
}

/** Whether Argo's examples are there; says so when they are not. */
export function haveArgoExamples(): boolean {
  if (existsSync(ARGO_EXAMPLES)) return true;
  process.stderr.write(`Skipped: no ${ARGO_EXAMPLES}; CONFORMANCE_DIR names the corpus\n`);
  return false;
}
