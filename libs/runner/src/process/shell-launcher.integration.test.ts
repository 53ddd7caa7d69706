// Covers both ways of starting processes, by real ones: words, environment, exit codes, groups, the death of the shell.
// Leaves out roots and mounts (process-runner.integration.test.ts).
import { execFileSync } from 'node:child_process';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually, temporaryDirectory, type TemporaryDirectory } from '@argosy/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signalGroup } from './child-process.ts';
import { directLauncher, type Launcher } from './launcher.ts';
import { createOutputPipes, type OutputPipes } from './output-pipes.ts';
import { createShellLauncher } from './shell-launcher.ts';

let directory: TemporaryDirectory;
let pipes: OutputPipes;

beforeEach(async () => {
  directory = await temporaryDirectory('argosy launcher ');
  pipes = createOutputPipes(join(directory.path, 'pipes'));
});

afterEach(async () => {
  await directory.remove();
});

const shellLauncher = (): Launcher =>
  createShellLauncher({
    directory: join(directory.path, 'launches'),
    setsidProgram: '/usr/bin/setsid',
    envProgram: '/usr/bin/env',
  });

interface Ran {
  readonly pid: number;
  readonly exited: Promise<number>;
  readonly stdout: () => string;
}

async function run(
  launcher: Launcher,
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = { PATH: '/usr/bin:/bin' },
): Promise<Ran> {
  const [stdout, stderr] = [await pipes.open(), await pipes.open()];
  const [program = '', ...args] = argv;
  const command = { program, args, environment, workingDirectory: directory.path };
  const chunks: Buffer[] = [];
  stdout.output.on('data', (chunk: Buffer) => chunks.push(chunk));
  stderr.output.resume();
  const launched = await launcher.launch(command, stdout, stderr);
  closeSync(stdout.childEnd);
  closeSync(stderr.childEnd);
  return { ...launched, stdout: () => Buffer.concat(chunks).toString() };
}

describe.each([
  ['directly', () => directLauncher],
  ['from the shell that stays', shellLauncher],
] as const)('a process that is started %s', (_name, make) => {
  it('gets its words as they are, whatever is in them', async () => {
    const words = ["it's", '$HOME `x` \\', 'two\nlines', '', '"', 'é 日本'];
    const ran = await run(make(), ['/usr/bin/printf', '%s|', ...words]);
    expect(await ran.exited).toBe(0);
    await eventually(() => ran.stdout() === words.map((word) => `${word}|`).join(''));
  });

  it('has exactly the environment that it is given', async () => {
    const environment = { PATH: '/usr/bin:/bin', 'odd.name': "a'b", IFS: 'x', EMPTY: '' };
    const ran = await run(make(), ['/usr/bin/env'], environment);
    await ran.exited;
    const expected = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    await eventually(() => {
      expect(ran.stdout().trim().split('\n').sort()).toEqual(expected.sort());
    });
  });

  it('ends with its exit code', async () => {
    expect(await (await run(make(), ['/bin/sh', '-c', 'exit 7'])).exited).toBe(7);
  });

  it('leads a group of its own, and a signal that ends it counts as 128 more', async () => {
    const ran = await run(make(), ['/bin/sleep', '100']);
    const group = (): string =>
      execFileSync('ps', ['-o', 'pgid=', '-p', String(ran.pid)])
        .toString()
        .trim();
    await eventually(() => group() === String(ran.pid));
    expect(signalGroup(ran.pid, 'SIGTERM')).toBe(true);
    expect(await ran.exited).toBe(143);
  });

  it('runs in the directory that it is given', async () => {
    const ran = await run(make(), ['/bin/pwd']);
    await ran.exited;
    await eventually(() => ran.stdout().trim() === directory.path);
  });
});

describe('the shell that starts processes', () => {
  it('starts many side by side', async () => {
    const launcher = shellLauncher();
    const all = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        run(launcher, ['/bin/sh', '-c', `sleep 0.1; exit ${index}`]),
      ),
    );
    const codes = await Promise.all(all.map((ran) => ran.exited));
    expect(codes).toEqual(all.map((_, index) => index));
  });

  it('is replaced when it was killed; what it knew of counts as killed', async () => {
    const launcher = shellLauncher();
    const lost = await run(launcher, ['/bin/sleep', '100']);
    const parentOf = (pid: number): number =>
      Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)]).toString());
    // sleep ← the shell of this command ← the shell that stays
    process.kill(parentOf(parentOf(lost.pid)), 'SIGKILL');
    expect(await lost.exited).toBe(137);
    await delay(50);
    expect(await (await run(launcher, ['/bin/sh', '-c', 'exit 3'])).exited).toBe(3);
    signalGroup(lost.pid, 'SIGKILL');
  });
});
