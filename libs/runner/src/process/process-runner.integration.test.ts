// Covers container and script templates as real processes, with private mounts (where this host allows them) and
// with rewritten paths: outcomes, outputs, environment, isolation, ending, limits. Leaves out artifacts'
// stores and containers beside the main one (files of their own).
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from '@argosy/model';
import { temporaryDirectory, type TemporaryDirectory } from '@argosy/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PARAMETER_BYTES_MAX, RESULT_BYTES_MAX } from '../limits.ts';
import {
  createTestIo,
  describeRunnerContract,
  testTask,
  type TestIo,
  type TestIoOptions,
} from '../testing/index.ts';
import type { RunnerTask, TaskOutcome } from '../types.ts';
import { removeTaskDirectory } from './left-overs.ts';
import { createProcessRunner, type ProcessRunner } from './process-runner.ts';

describe.each(['auto', 'rewrite'] as const)('isolation %s', (isolation) => {
  let data: TemporaryDirectory;
  let runner: ProcessRunner;
  let count = 0;

  beforeAll(async () => {
    data = await temporaryDirectory();
    runner = await createProcessRunner({
      dataDirectory: data.path,
      isolation,
      images: { 'my/tool:1': { entrypoint: ['echo', 'tool'], cmd: ['default'] } },
    });
  });
  afterAll(() => data.remove());

  function newDirectory(): string {
    count += 1;
    const directory = join(data.path, 'tasks', String(count));
    mkdirSync(directory, { recursive: true });
    return directory;
  }

  interface Begun {
    readonly io: TestIo;
    readonly outcome: Promise<TaskOutcome>;
    readonly directory: string;
  }

  function begin(
    template: Template,
    changes: Partial<RunnerTask> = {},
    options: Partial<TestIoOptions> = {},
  ): Begun {
    const directory = newDirectory();
    const io = createTestIo({ directory, ...options });
    return { io, directory, outcome: runner.run(testTask(template, changes), io.io) };
  }

  function sh(script: string, more: Omit<Template, 'container'> = {}): Template {
    return { container: { image: 'alpine', command: ['sh', '-c', script] }, ...more };
  }

  describeRunnerContract(`process ${isolation}`, () =>
    Promise.resolve({
      runner,
      newDirectory: () => Promise.resolve(newDirectory()),
      succeeding: (text) => ({ container: { image: 'x', command: ['echo', text] } }),
      failing: () => sh('exit 1'),
      broken: () => ({ container: { image: 'x', command: ['no-such-command'] } }),
      endless: () => sh('sleep 100'),
    }),
  );

  test('the exit code and its message are those of the main container', async () => {
    expect(await begin(sh('echo out; exit 7')).outcome).toMatchObject({
      phase: 'Failed',
      message: 'main: Error (exit code 7)',
      exitCode: 7,
      result: 'out',
    });
  });

  test('a program ended by a signal has 128 and the number of it as exit code', async () => {
    expect(
      await begin({ script: { image: 'x', command: ['sh'], source: 'kill -9 $$' } }).outcome,
    ).toMatchObject({ phase: 'Failed', exitCode: 137 });
  });

  test('a missing command is a failure that says what to do', async () => {
    const { outcome } = begin({ container: { image: 'tool:1', command: ['no-such-command'] } });
    const { phase, exitCode, message } = await outcome;
    expect([phase, exitCode]).toEqual(['Failed', 64]);
    expect(message).toMatch(/"no-such-command" was not found on this host.*tool:1.*install/);
  });

  test('the result loses exactly one final newline', async () => {
    expect((await begin(sh('printf "a\\n\\n"')).outcome).result).toBe('a\n');
  });

  test('of a huge output the last 256 kB are the result', async () => {
    const script = 'i=0; while [ $i -lt 40 ]; do printf "%08000d" $i; i=$((i+1)); done; echo end';
    const { result = '' } = await begin(sh(script)).outcome;
    expect(result).toHaveLength(RESULT_BYTES_MAX);
    expect(result.endsWith('39end')).toBe(true);
  });

  test('the outputs can be opened by name', async () => {
    const script = 'echo out > /dev/stdout; echo err > /dev/stderr; echo tee | tee /dev/stderr';
    const { io, outcome } = begin(sh(script));
    expect((await outcome).result).toBe('out\ntee');
    expect(io.stderr()).toBe('err\ntee\n');
  });

  test('output is read no faster than it is taken', async () => {
    let taken = 0;
    const { promise: open, resolve } = Promise.withResolvers<void>();
    const { outcome } = begin(
      sh('dd if=/dev/zero bs=65536 count=64 2>/dev/null'),
      {},
      {
        onLog: (chunk) => {
          taken += chunk.length;
          return open;
        },
      },
    );
    await new Promise((done) => setTimeout(done, 200));
    expect(taken).toBeLessThan(1024 * 1024);
    resolve();
    await outcome;
    expect(taken).toBe(64 * 65536);
  });

  test('output that is taken slowly is not lost when the program has ended long before', async () => {
    const { promise: open, resolve } = Promise.withResolvers<void>();
    const { outcome } = begin(sh('seq 1 9000'), {}, { onLog: () => open });
    await new Promise((done) => setTimeout(done, 1_500));
    resolve();
    expect((await outcome).result?.split('\n')).toHaveLength(9_000);
  });

  test.each([
    ['sh', 'echo "sh: $0" | cut -c1-3; echo "é\\"\'$HOME" >/dev/null'],
    ['bash', 'a=(one two); echo "sh:${a[1]}" | cut -c1-3'],
    ['python', 'import sys\nprint("sh:")'],
    ['node', 'console.log("sh:")'],
  ])('a script runs by %s', async (interpreter, source) => {
    const { outcome, io } = begin({ script: { image: 'x', command: [interpreter], source } });
    expect({ ...(await outcome), said: io.stderr() }).toMatchObject({
      phase: 'Succeeded',
      result: 'sh:',
    });
  });

  test('output parameters come from their files, less one newline, or from the default', async () => {
    const outputs = {
      parameters: [
        { name: 'top', valueFrom: { path: '/result.txt' } },
        { name: 'deep', valueFrom: { path: '/tmp/a/b.txt' } },
        { name: 'missing', valueFrom: { path: '/tmp/none', default: 'fallback' } },
        { name: 'empty', valueFrom: { path: '/mnt/empty', default: 'unused' } },
      ],
    };
    const script =
      'mkdir -p /tmp/a; echo ünï > /result.txt; printf "x\\n\\n" > /tmp/a/b.txt; : > /mnt/empty';
    const { outcome } = begin(
      sh(isolation === 'rewrite' ? script.replace('mkdir -p /tmp/a;', '') : script, { outputs }),
    );
    expect((await outcome).parameters).toEqual({
      top: 'ünï',
      deep: 'x\n',
      missing: 'fallback',
      empty: '',
    });
  });

  test('an output parameter that is too large makes the node an Error instead of being cut', async () => {
    const outputs = { parameters: [{ name: 'p', valueFrom: { path: '/tmp/large' } }] };
    const script = `head -c ${PARAMETER_BYTES_MAX + 1} /dev/zero > /tmp/large`;
    expect(await begin(sh(script, { outputs })).outcome).toMatchObject({
      phase: 'Error',
      message: expect.stringMatching(/output parameter "p": .* 1048577 bytes.*artifact/) as string,
    });
  });

  test('an output parameter that is missing without a default makes the node an Error', async () => {
    const outputs = { parameters: [{ name: 'p', valueFrom: { path: '/tmp/none' } }] };
    expect(await begin(sh('true', { outputs })).outcome).toMatchObject({
      phase: 'Error',
      message: expect.stringContaining('output parameter "p": the file /tmp/none') as string,
    });
    // The program's own failure comes first.
    expect(await begin(sh('exit 2', { outputs })).outcome).toMatchObject({ phase: 'Failed' });
  });

  test('environment values survive quotes, dollars, newlines and unicode; $(NAME) is replaced', async () => {
    const value = 'a "b" \'c\' $HOME `id` \\ \n ü';
    const template: Template = {
      container: {
        image: 'x',
        command: ['sh', '-c', 'printf %s "$V|$R"'],
        env: [
          { name: 'V', value },
          { name: 'R', value: 'x$(V)-$$(V)-$(NONE)' },
        ],
      },
    };
    const { result } = await begin(template).outcome;
    expect(result).toBe(`${value}|x${value}-$(V)-$(NONE)`);
  });

  test('names of variables that no shell can use are passed on too', async () => {
    const env = [{ name: 'odd.name-x', value: 'a b' }];
    const { result } = await begin({ container: { image: 'x', command: ['env'], env } }).outcome;
    expect(result?.split('\n')).toContain('odd.name-x=a b');
  });

  test('config maps and secrets fill the environment; a missing one is an Error without values', async () => {
    const stores = {
      configMaps: { settings: { COLOUR: 'blue', SIZE: '1' } },
      secrets: { keys: { token: 's3cret' } },
    };
    const container = {
      image: 'x',
      command: ['sh', '-c', 'echo $P_COLOUR $TOKEN ${OPTIONAL-unset}'],
      envFrom: [{ prefix: 'P_', configMapRef: { name: 'settings' } }],
      env: [
        { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'keys', key: 'token' } } },
        {
          name: 'OPTIONAL',
          valueFrom: { secretKeyRef: { name: 'keys', key: 'none', optional: true } },
        },
      ],
    };
    const { io, outcome } = begin({ container }, {}, stores);
    expect((await outcome).result).toBe('blue s3cret unset');
    expect(JSON.stringify(io.warnings)).not.toContain('s3cret');
    const wrong = { ...container, envFrom: [{ secretRef: { name: 'nope' } }] };
    const { phase, message } = await begin({ container: wrong }, {}, stores).outcome;
    expect(phase).toBe('Error');
    expect(message).toContain('there is no Secret "nope" in namespace "default"');
  });

  test("Argo's own variables are set, and the executor's secrets are not passed on", async () => {
    process.env['ARGOSY_TEST_TOKEN'] = 'leak';
    const { outcome } = begin(sh('env'), { traceparent: '00-aa-bb-01' });
    delete process.env['ARGOSY_TEST_TOKEN'];
    const { result = '' } = await outcome;
    for (const expected of [
      'ARGO_NODE_ID=test-workflow-123',
      'ARGO_CONTAINER_NAME=main',
      'ARGO_WORKFLOW_NAME=test-workflow',
      'TRACEPARENT=00-aa-bb-01',
    ]) {
      expect(result.split('\n')).toContain(expected);
    }
    expect(result).toContain('ARGO_TEMPLATE={"container"');
    expect(result).not.toContain('leak');
  });

  test('progress is read from the file that $ARGO_PROGRESS_FILE names', async () => {
    const { io, outcome } = begin(sh('echo 50/100 > $ARGO_PROGRESS_FILE; echo nonsense >&2'));
    await outcome;
    expect(io.progress).toEqual(['50/100']);
  });

  test('what the image would have brought is said once', async () => {
    const { io, outcome } = begin(sh('true'));
    await outcome;
    expect(io.warnings).toHaveLength(1);
    expect(io.warnings[0]).toMatch(
      /image alpine is not used: commands run as processes of this machine/,
    );
  });

  test('images whose command is known start it when the manifest gives none', async () => {
    const run = (container: object): Promise<TaskOutcome> => begin({ container }).outcome;
    expect((await run({ image: 'argoproj/argosay:v2' })).result).toBe('hello argo');
    expect((await run({ image: 'my/tool:1' })).result).toBe('tool default');
    expect((await run({ image: 'my/tool:1', args: ['given'] })).result).toBe('tool given');
    expect((await run({ image: 'alpine:3.23' })).phase).toBe('Succeeded');
    expect((await run({ image: 'what/ever', args: ['x'] })).message).toContain('add `command:`');
  });

  test('argosay and cowsay are there, by path and by name', async () => {
    const script =
      '/argosay echo hi; /argosay echo text /tmp/d/f; /argosay cat /tmp/d/f; cowsay moo | grep moo; ' +
      '/argosay assert_contains /tmp/d/f tex; /argosay exit 3';
    const outputs = { parameters: [{ name: 'f', valueFrom: { path: '/tmp/d/f' } }] };
    const outcome = await begin(sh(script, { outputs })).outcome;
    expect(outcome.result).toBe('hi\ntext\n( moo )\ntext');
    expect(outcome).toMatchObject({ exitCode: 3, parameters: { f: 'text' } });
  });

  test('workingDir is made and used', async () => {
    const container = { image: 'x', command: ['pwd'], workingDir: '/tmp/work dir' };
    expect((await begin({ container }).outcome).result).toMatch(/\/tmp\/work dir$/);
  });

  test('a cancel ends grandchildren too, also those that ignore the signal or leave the group', async () => {
    const mark = `86${String(process.pid)}${isolation === 'auto' ? 1 : 2}`;
    const script = `trap "" TERM; setsid sleep ${mark} & (trap "" TERM; sleep ${mark}) & sleep ${mark}; sleep ${mark}`;
    const { io, outcome } = begin(sh(script));
    await expect.poll(() => processesWith(mark).length, { timeout: 5_000 }).toBeGreaterThan(2);
    const startMs = performance.now();
    io.cancel('Stop', 200);
    expect((await outcome).phase).toBe('Failed');
    expect(performance.now() - startMs).toBeLessThan(3_000);
    await expect.poll(() => processesWith(mark), { timeout: 3_000 }).toEqual([]);
  });

  test('what runs on in the background ends with the main process', async () => {
    const mark = `87${String(process.pid)}${isolation === 'auto' ? 1 : 2}`;
    const startMs = performance.now();
    await begin(sh(`sleep ${mark} & echo done`)).outcome;
    expect(performance.now() - startMs).toBeLessThan(3_000);
    await expect.poll(() => processesWith(mark), { timeout: 3_000 }).toEqual([]);
  });

  test('activeDeadlineSeconds of the template ends it', async () => {
    const { outcome } = begin(sh('sleep 100', { activeDeadlineSeconds: '1' }));
    expect(await outcome).toMatchObject({
      phase: 'Failed',
      message: 'Pod was active on the node longer than the specified deadline',
    });
  });

  test('declared paths of two tasks at the same time do not mix', async () => {
    const outputs = { parameters: [{ name: 'p', valueFrom: { path: '/tmp/same' } }] };
    const outcomes = await Promise.all(
      ['a', 'b', 'c'].map(
        (text) =>
          begin(sh(`echo ${text} > /tmp/same; sleep 0.2; cat /tmp/same`, { outputs })).outcome,
      ),
    );
    expect(outcomes.map((outcome) => outcome.parameters['p'])).toEqual(['a', 'b', 'c']);
    expect(outcomes.map((outcome) => outcome.result)).toEqual(['a', 'b', 'c']);
  });

  test('removing the directory of a task leaves the host alone', async () => {
    const { outcome, directory } = begin(sh('echo x > $ARGO_PROGRESS_FILE; ls /etc/hosts'));
    await outcome;
    expect(await removeTaskDirectory(directory)).toBe(true);
    expect(existsSync(directory)).toBe(false);
    expect(existsSync('/etc/hosts')).toBe(true);
    expect(readdirSync('/usr/bin').length).toBeGreaterThan(0);
  });
});

/** Numbers of live processes in whose arguments the text occurs. */
function processesWith(text: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(text);
      } catch {
        return false;
      }
    });
}
