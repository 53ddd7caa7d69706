// Covers the command line up to the point where a server is asked: options, exit codes, help, the completion script
// for fish, simulations. Leaves out what the commands do with a server; the end-to-end suite covers it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandContext } from './commands/context.ts';
import { runProgram } from './program.ts';
import { createNotices } from './view/notices.ts';
import { styleFor } from './view/style.ts';

let home: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'argosy-program-'));
});

afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line on a home where nothing runs. */
async function run(
  argv: readonly string[],
  given: { readonly env?: NodeJS.ProcessEnv; readonly input?: string } = {},
): Promise<Outcome> {
  const written = { stdout: '', stderr: '' };
  const stdout = { write: (text: string) => (written.stdout += text) };
  const stderr = { write: (text: string) => (written.stderr += text) };
  const style = styleFor({ isTTY: false }, {});
  const context: CommandContext = {
    stdout,
    stderr,
    stdin: (async function* () {
      yield await Promise.resolve(given.input ?? '');
    })(),
    env: { ARGOSY_HOME: home, ...given.env },
    style,
    errorStyle: style,
    notices: createNotices(stderr),
    signal: new AbortController().signal,
  };
  return { code: await runProgram(argv, context), ...written };
}

const WORKFLOW = `apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: { name: a }
spec:
  entrypoint: main
  templates: [{ name: main, suspend: {} }]
`;

describe('wrong use ends with 2 and says what to do:', () => {
  it.each([
    [['lits'], /unknown command 'lits'[\s\S]*Did you mean list/],
    [['list', '--bogus'], /unknown option '--bogus'/],
    [['get'], /missing required argument 'name'/],
    [['list', '-o', 'xml'], /Allowed choices are json, yaml, name, wide/],
    [['submit', '-o', 'wide', '-'], /Allowed choices are json, yaml, name\./],
    [['list', '--limit', 'ten'], /It takes a number of workflows: a whole number from 1\./],
    [['history', 'a', '--limit', '0'], /It takes a number of facts: a whole number from 1\./],
    [['logs', 'a', '--tail', '-1'], /It takes a number of lines: a whole number from 0\./],
    [['up', '--port', '70000'], /It takes a port: a whole number from 0 to 65535\./],
    [['up', '--log-level', 'loud'], /Allowed choices are trace, debug/],
    [['submit'], /nothing to submit: name a file, or a template with --from/],
    [['run', 'no-such-file.yaml'], /no-such-file\.yaml does not exist/],
    [['completion', 'csh'], /Allowed choices are bash, zsh, fish/],
    [['events', 'send', 'orders'], /name the event as EVENT_SOURCE\/EVENT_NAME, not "orders"/],
    [['events', 'send', 'a/b', '-d', '{'], /--data is not JSON/],
  ])('argosy %j', async (argv, message) => {
    const { code, stderr, stdout } = await run(argv);
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('a variable of the environment that is no port is named', async () => {
    const { code, stderr } = await run(['up'], { env: { ARGOSY_HTTP_PORT: 'web' } });
    expect(code).toBe(2);
    expect(stderr).toBe(
      'error: ARGOSY_HTTP_PORT is "web". It takes a port: a whole number from 0 to 65535.\n',
    );
  });

  it('run of a file without a workflow points to apply', async () => {
    const input = WORKFLOW.replace('kind: Workflow', 'kind: WorkflowTemplate');
    const { code, stderr } = await run(['run', '-'], { input });
    expect(code).toBe(2);
    expect(stderr).toContain('there is no Workflow in -: nothing to run (`argosy apply`');
  });
});

describe('without a server', () => {
  it.each([
    ['list'],
    ['get', 'a'],
    ['history', 'a'],
    ['logs', 'a'],
    ['stop', 'a'],
    ['watch', 'a'],
    ['lint', '-'],
  ])('%s says how to start one and ends with 1', async (...argv) => {
    const { code, stderr } = await run(argv, { input: WORKFLOW });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: no Argosy is running here: start one with `argosy up`/);
  });

  it('a note of an installation whose process is gone counts as none', async () => {
    const note = { pid: 2 ** 22 + 1, rpcAddress: '127.0.0.1:1', httpAddress: '', startedAt: '' };
    writeFileSync(join(home, 'instance.json'), JSON.stringify(note));
    expect((await run(['list'])).stderr).toContain('no Argosy is running here');
  });

  it('a note whose process number was given to another process counts as none', async () => {
    const note = { pid: process.pid, processStart: '1', rpcAddress: '127.0.0.1:1' };
    writeFileSync(join(home, 'instance.json'), JSON.stringify(note));
    expect((await run(['list'])).stderr).toContain('no Argosy is running here');
  });

  it('lint --offline checks references among the files, and says where', async () => {
    const good = await run(['lint', '--offline', '-'], { input: WORKFLOW });
    expect(good).toMatchObject({ code: 0, stdout: '1 manifest read, no errors\n' });
    const input = WORKFLOW.replace('entrypoint: main', 'entrypoint: mian');
    const bad = await run(['lint', '--offline', '-'], { input });
    expect(bad.code).toBe(1);
    expect(bad.stdout).toMatch(/^error: <stdin>:5.*mian[\s\S]*1 error\n$/);
  });

  it('version names the client', async () => {
    expect(await run(['version'])).toMatchObject({ code: 0, stdout: 'client 0.1.0\n' });
  });
});

describe('simulate', () => {
  const examples = join(import.meta.dirname, '..', '..', '..', 'examples', 'simulate');
  const mocks = join(examples, 'dag-with-retries.mocks.yaml');

  it.each(['dag-with-retries', 'release'])('the cases of the example %s pass', async (name) => {
    const file = join(examples, `${name}.mocks.yaml`);
    const { code, stdout, stderr } = await run(['simulate', '--mock', file]);
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/\n\d passed, 0 failed\n$/);
    expect(stderr).toBe('');
  });

  it('ends with 1, the tree and the reasons when an expectation does not hold', async () => {
    const file = join(home, 'wrong.yaml');
    writeFileSync(file, 'cases:\n  - case: never waits\n    expect: { phase: Succeeded }\n');
    const { code, stdout, stderr } = await run(['simulate', '-', '--mock', file], {
      input: WORKFLOW,
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(/STEP[\s\S]*FAILED never waits .* .*wrong\.yaml:2\n {2}phase: expected/);
    expect(stderr).toContain('warning: never waits: the run comes to no end; it stays Running: a');
  });

  it('writes reports, and prints the whole run as JSON', async () => {
    const [xml, json] = [join(home, 'report.xml'), join(home, 'report.json')];
    const reports = ['--report', `junit=${xml}`, '--report', `json=${json}`];
    const one = ['--case', 'every attempt fails'];
    const { code, stdout } = await run(['simulate', '-m', mocks, '-o', 'json', ...one, ...reports]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      passed: 1,
      cases: [{ workflow: { status: { phase: 'Succeeded' } } }],
    });
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({ passed: 1, failed: 0 });
    expect(readFileSync(xml, 'utf8')).toContain('<testsuites name="argosy simulate" tests="1"');
  });

  it('without mocks shows what comes of a run in which every leaf succeeds', async () => {
    const file = join(examples, '..', 'hello-world.yaml');
    const { code, stdout } = await run(['simulate', file]);
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/✔ hello-world-sim[\s\S]*\npassed hello-world-sim \(0s, at most 1 /);
  });

  it.each([
    [['simulate'], /nothing to simulate: name a file/],
    [['simulate', 'none.yaml'], /none\.yaml does not exist/],
    [['simulate', '-', '--report', 'xml=a'], /--report takes junit=FILE or json=FILE/],
    [
      ['simulate', '-m', mocks, '--report', 'junit=/no/such/folder/a.xml'],
      /the report cannot be written: ENOENT/,
    ],
    [['simulate', '-m', mocks, '--case', 'nothing'], /no case has "nothing" in its name/],
    [['simulate', '-', '-p', 'novalue'], /--parameter takes name=value/],
  ])('%j is wrong use and ends with 2', async (argv, message) => {
    const { code, stderr } = await run(argv, { input: WORKFLOW });
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

describe('help', () => {
  it('of the program lists commands, examples and exit codes, and ends with 0', async () => {
    const { code, stdout } = await run(['--help']);
    expect(code).toBe(0);
    for (const part of ['  run [options] <file...>', 'Examples:', 'Exit codes:']) {
      expect(stdout).toContain(part);
    }
  });

  it('of every command tells what it is for, and the options that all take', async () => {
    const { stdout } = await run(['--help']);
    const names = [...stdout.matchAll(/^ {2}([a-z]+)(?= [[<]| {2,})/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(18);
    for (const name of names.filter((each) => each !== 'help')) {
      const help = await run([name ?? '', '--help']);
      expect(help.code, name).toBe(0);
      expect(help.stdout, name).toContain('--namespace');
    }
  });
});

it('the completion script for fish names every command and the formats of list', async () => {
  const { stdout } = await run(['completion', 'fish']);
  expect(stdout).toContain(
    "-n __fish_use_subcommand -a resume -d 'go on with a suspended workflow'",
  );
  expect(stdout).toMatch(
    /seen_subcommand_from list' -s o -l output -r -f -a 'json yaml name wide'/,
  );
});
