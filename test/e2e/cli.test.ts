// Covers the command line against one installation started by `argosy up`: outcomes, trees, logs and exit codes of
// runs, of Argo's own examples and ours, and every command that reads or changes them. Leaves out bad input, the
// start and the end of an installation, and colours on a real terminal.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory, type TemporaryDirectory } from '@argosy/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  argosy,
  ARGO_EXAMPLES,
  EXAMPLES,
  haveArgoExamples,
  startArgosy,
  startUp,
  type CommandEnd,
  type RunningCommand,
  type Up,
} from './support/command.ts';

let home: TemporaryDirectory;
let up: Up;
const haveExamples = haveArgoExamples();

/** Examples that sleep for half a minute, begun first so that everything else goes on meanwhile. */
let slow: { readonly loops: RunningCommand; readonly suspended: RunningCommand } | undefined;

/** More than the tasks that sleep at the same time. */
const CONCURRENCY = '24';

const run = (...args: readonly string[]): Promise<CommandEnd> => argosy(args, { home: home.path });

beforeAll(async () => {
  home = await temporaryDirectory('argosy-cli-');
  up = await startUp({ home: home.path, env: { ARGOSY_CONCURRENCY: CONCURRENCY } });
  if (!haveExamples) return;
  const begin = (name: string): RunningCommand =>
    startArgosy(['run', join(ARGO_EXAMPLES, name)], { home: home.path });
  slow = { loops: begin('loops-param-result.yaml'), suspended: begin('suspend-template.yaml') };
});

// Everything else fails when the installation ends; this says which test did it, and what was logged.
afterEach(() => {
  expect(up.child.exitCode, up.text()).toBeNull();
});

afterAll(async () => {
  slow?.loops.child.kill('SIGKILL');
  slow?.suspended.child.kill('SIGKILL');
  up.child.kill('SIGTERM');
  const end = await up.end;
  await home.remove();
  expect(end.code).toBe(0);
});

/** The rows of the tree: mark, name and template. */
function tree(stdout: string): readonly string[] {
  const lines = stdout.split('\n');
  const head = lines.findIndex((line) => line.startsWith('STEP '));
  return lines
    .slice(head + 1)
    .map((line) => line.replace(/\s{2,}.*$/, '').replace(/^[\s│├└─]*/u, ''))
    .filter((line) => line !== '');
}

/** What a run of an example has to come to. */
interface Expected {
  readonly code: number | 'either';
  /** Rows that the tree has, without the root. */
  readonly rows: readonly (string | RegExp)[];
  readonly logs: readonly (string | RegExp)[];
}

const EXPECTED: Readonly<Record<string, Expected>> = {
  'hello-world': { code: 0, rows: [], logs: [/hello world/] },
  steps: {
    code: 0,
    rows: ['✔ hello1', '✔ hello2a', '✔ hello2b'],
    logs: ['hello1: hello1', 'hello2a: hello2a', 'hello2b: hello2b'],
  },
  'dag-diamond': {
    code: 0,
    rows: ['✔ A', '✔ B', '✔ C', '✔ D'],
    logs: ['A: A', 'B: B', 'C: C', 'D: D'],
  },
  'dag-nested': { code: 0, rows: ['✔ A', '✔ D'], logs: ['A: AA', 'D: BD', 'D: DD'] },
  'dag-enhanced-depends': {
    code: 0,
    rows: [
      '✖ C',
      '✔ should-execute-1',
      '✔ should-execute-2',
      '✔ should-execute-3',
      '○ should-not-execute',
    ],
    logs: [],
  },
  coinflip: {
    code: 0,
    rows: [/^[✔○] heads$/, /^[✔○] tails$/],
    logs: [/^(heads: it was heads|tails: it was tails)$/m],
  },
  loops: {
    code: 0,
    rows: ['✔ print-message-loop(0:hello world)', '✔ print-message-loop(1:goodbye world)'],
    logs: [/\(0:hello world\): hello world/, /\(1:goodbye world\): goodbye world/],
  },
  'loops-maps': {
    code: 0,
    rows: ['✔ test-linux(0:image:debian,tag:9.1)', '✔ test-linux(3:image:ubuntu,tag:17.10)'],
    logs: [/test-linux\(2:image:alpine,tag:3\.6\): /],
  },
  conditionals: {
    code: 0,
    rows: ['✔ print-hello-govaluate', '✔ print-hello-expr', '✔ print-hello-expr-json'],
    logs: [/print-hello-expr: .*hello/],
  },
  'exit-handlers': {
    code: 1,
    rows: ['✔ notify', '○ celebrate', '✔ cry'],
    logs: [/intentional failure/, /send e-mail: exit-handlers-\w+ Failed/, 'cry: boohoo!'],
  },
  'retry-container': { code: 'either', rows: [/\(0\)$/], logs: [] },
  'parameter-aggregation': {
    code: 0,
    rows: ['✔ odd-or-even(0:1)', '✔ print-nums', '✔ print(1:2)'],
    logs: ['print-nums: ["1","2","3","4"]', 'print-evenness: ["odd","even","odd","even"]'],
  },
  'nested-workflow': {
    code: 0,
    rows: ['✔ generate', '✔ nested-wf', '✔ consume'],
    logs: ['consume: input parameter value: my-output-parameter', 'consume: hello world'],
  },
};

function expectOutcome(end: CommandEnd, { code, rows, logs }: Expected): void {
  const shown = `${end.stdout}\n${end.stderr}`;
  if (code === 'either') {
    const status = /^Status:\s+(\w+)/m.exec(end.stdout)?.[1] ?? '';
    expect({ status, code: end.code }).toEqual({ status, code: status === 'Succeeded' ? 0 : 1 });
    expect(['Succeeded', 'Failed']).toContain(status);
  } else {
    expect(end.code, shown).toBe(code);
  }
  const nodes = tree(end.stdout);
  for (const row of rows)
    expect(nodes).toContainEqual(typeof row === 'string' ? row : expect.stringMatching(row));
  const printed = end.stdout.split('\n');
  for (const log of logs) {
    if (typeof log === 'string') expect(printed).toContain(log);
    else expect(end.stdout).toMatch(log);
  }
}

describe.skipIf(!haveExamples)('argosy run gives the outcome of Argo’s own example', () => {
  it.each(Object.keys(EXPECTED))('%s', async (name) => {
    const end = await run('run', join(ARGO_EXAMPLES, `${name}.yaml`));
    expectOutcome(end, EXPECTED[name] as Expected);
  });

  it('suspend-template, saying how to resume; resumed by a second command', async () => {
    const suspended = slow?.suspended as RunningCommand;
    const [, name = ''] = await suspended.until(
      /approve is suspended; to go on: argosy resume (\S+)/,
    );
    const resumed = await run('resume', name);
    expect(resumed).toMatchObject({ code: 0, stdout: `workflow ${name} resumed\n` });
    const end = await suspended.end;
    expectOutcome(end, {
      code: 0,
      rows: ['✔ build', '✔ approve', '✔ delay', '✔ release'],
      logs: ['release: hello world'],
    });
    // What goes on by itself needs no advice.
    expect(end.stderr).not.toContain('delay is suspended');
  });

  it('loops-param-result', async () => {
    expectOutcome(await (slow as NonNullable<typeof slow>).loops.end, {
      code: 0,
      rows: ['✔ generate', '✔ sleep(0:20)', '✔ sleep(10:30)'],
      logs: ['sleep(0:20): sleeping for 20 seconds', 'sleep(10:30): done'],
    });
  });
});

describe('argosy run succeeds with the example', () => {
  const files = readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml'));
  it.each(files)('%s', async (name) => {
    const end = await run('run', join(EXAMPLES, name));
    expect(end.code, end.stdout + end.stderr).toBe(0);
    expect(end.stdout).toMatch(/^Status:\s+Succeeded$/m);
  });
});

/** Waits for a person twice, so that every command can be tried on it. */
const GATED = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Workflow',
  metadata: { generateName: 'gated-', labels: { team: 'deck' } },
  spec: {
    entrypoint: 'main',
    onExit: 'bye',
    arguments: { parameters: [{ name: 'word', value: 'ahoy' }] },
    templates: [
      {
        name: 'main',
        steps: [
          [{ name: 'before', template: 'say' }],
          [{ name: 'gate', template: 'gate' }],
          [{ name: 'after', template: 'say' }],
        ],
      },
      { name: 'gate', suspend: {} },
      {
        name: 'say',
        container: { image: 'busybox', command: ['echo', '{{workflow.parameters.word}}'] },
      },
      { name: 'bye', container: { image: 'busybox', command: ['echo', 'bye'] } },
    ],
  },
};

function gatedFile(): string {
  const file = join(home.path, 'gated.json');
  writeFileSync(file, JSON.stringify(GATED));
  return file;
}

async function submitGated(...args: readonly string[]): Promise<string> {
  const end = await run('submit', gatedFile(), '-o', 'name', ...args);
  expect(end.code, end.stderr).toBe(0);
  return end.stdout.trim();
}

describe('a run can be', () => {
  it('submitted with parameters, listed, shown, followed and resumed', async () => {
    const name = await submitGated('-p', 'word=land', '-l', 'watch=first');
    const logs = startArgosy(['logs', name, '-f'], { home: home.path });
    const watch = startArgosy(['watch', name], { home: home.path });
    await logs.until(/before: land/);

    const listed = await run('list', '-l', 'team=deck,watch=first', '--running');
    expect(listed.stdout).toMatch(new RegExp(`^NAME +STATUS.*\\n${name} +Running`));
    const named = await run('list', '-o', 'name', '--prefix', name);
    expect(named.stdout).toBe(`${name}\n`);
    const [summary] = JSON.parse((await run('list', '-o', 'json', '--prefix', name)).stdout) as [
      Record<string, unknown>,
    ];
    expect(summary).toMatchObject({ name, namespace: 'default', phase: 'Running' });
    expect((await run('list', '-o', 'wide', '--prefix', name)).stdout).toContain('team=deck');

    const shown = await run('get', name);
    expect(shown.stdout).toMatch(/ǁ gate/);
    expect(shown.stderr).toContain(`argosy resume ${name}`);
    const whole = JSON.parse((await run('get', name, '-o', 'json')).stdout) as typeof GATED;
    expect(whole.spec.arguments.parameters).toEqual([{ name: 'word', value: 'land' }]);
    expect((await run('get', name, '-o', 'yaml')).stdout).toMatch(/^kind: Workflow$/m);

    expect((await run('resume', name)).code).toBe(0);
    expect((await watch.end).code).toBe(0);
    const followed = await logs.end;
    expect(followed.code).toBe(0);
    expect(followed.stdout.trim().split('\n')).toEqual([
      'before: land',
      'after: land',
      `${name}.onExit: bye`,
    ]);
    expect((await run('logs', name, '--grep', 'bye', '--no-prefix')).stdout).toBe('bye\n');
  });

  it('stopped: the exit handler runs, and following it ends with 1', async () => {
    const file = gatedFile();
    const followed = startArgosy(['submit', file, '--watch'], { home: home.path });
    const [, name = ''] = await followed.until(/argosy resume (\S+)/);
    const stopped = await run('stop', name);
    expect(stopped).toMatchObject({ code: 0, stdout: `workflow ${name} stopped\n` });
    const end = await followed.end;
    expect(end.code).toBe(1);
    expect(end.stdout).toMatch(/✔ gated-\w+\.onExit/);
    expect(end.stdout).toMatch(/✖ gate .*Stop/);
  });

  it('terminated by Ctrl-C on argosy run, which ends with 130', async () => {
    const running = startArgosy(['run', gatedFile()], { home: home.path });
    const [, name = ''] = await running.until(/argosy resume (\S+)/);
    running.child.kill('SIGINT');
    const end = await running.end;
    expect(end.code, end.stderr).toBe(130);
    expect(end.stderr).toContain(`workflow ${name} terminated`);
    expect((await run('get', name)).stdout).toMatch(/^Status:\s+Failed$/m);
  });

  it('told fact by fact, live too, and shown as it was', async () => {
    const name = await submitGated();
    const live = startArgosy(['history', name, '-f', '--node', 'gate'], { home: home.path });
    await live.until(/gate +created +Running/);
    expect((await run('resume', name)).code).toBe(0);
    const followed = await live.end;
    expect(followed.code, followed.stderr).toBe(0);
    expect(followed.stdout).toMatch(
      /^# +TIME[^]*gate +created +Running[^]*gate +finished +Succeeded/,
    );

    const told = await run('history', name);
    expect(told.stdout).toMatch(
      /^# +TIME +OFFSET +NODE +EVENT +PHASE +MESSAGE\n1 +\S+Z +\+0s +\(workflow\) +submitted/,
    );
    expect(told.stdout.trim().split('\n').at(-1)).toMatch(/\(workflow\) +finished +Succeeded$/);
    const facts = JSON.parse((await run('history', name, '-o', 'json')).stdout) as {
      readonly sequence: string;
      readonly kind: string;
      readonly displayName?: string;
      readonly fact: { readonly kind: string };
    }[];
    expect(facts.every(({ kind, fact }) => kind === fact.kind)).toBe(true);

    const gate = facts.find(
      ({ kind, displayName }) => displayName === 'gate' && kind.endsWith('Created'),
    );
    const then = await run('get', name, '--at', `#${gate?.sequence}`);
    expect(then.stdout).toMatch(/^Shown: +as of \S+Z \(#\d+\)\nStatus: +Running$/m);
    expect(then.stdout).toMatch(/ǁ gate/);
    expect(then.stdout).not.toContain('after');
    const whole = JSON.parse(
      (await run('get', name, '--at', '-0s', '-o', 'json')).stdout,
    ) as object;
    expect(whole).toMatchObject({ status: { phase: 'Succeeded' } });
    const early = await run('get', name, '--at', '2001-01-01T00:00:00Z');
    expect(early).toMatchObject({ code: 2 });
    expect(early.stderr).toContain('was not there then: it began at');
  });

  it('deleted, after which it is not found', async () => {
    const name = await submitGated();
    expect((await run('terminate', name)).code).toBe(0);
    expect((await run('delete', name)).stdout).toBe(`workflow ${name} deleted\n`);
    const missing = await run('get', name);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain(name);
  });
});

describe('manifests and events', () => {
  const folder = join(EXAMPLES, 'order-pipeline');
  const files = readdirSync(folder).map((name) => join(folder, name));

  it('are linted with the server and without', async () => {
    for (const flags of [[], ['--offline']]) {
      const end = await run('lint', ...files, join(EXAMPLES, 'hello-world.yaml'), ...flags);
      expect(end.code, end.stdout + end.stderr).toBe(0);
      expect(end.stdout).toBe('4 manifests read, no errors\n');
    }
  });

  it('are applied; an event that is sent starts the workflow, the same id again does not', async () => {
    const first = await run('apply', ...files);
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).toContain('workflowtemplate/order-pipeline created\n');
    expect((await run('apply', ...files)).stdout).toContain('sensor/orders unchanged\n');

    const data = JSON.stringify({ body: { id: '7', customer: 'Mary', items: ['rope'] } });
    const send = (id: string): Promise<CommandEnd> =>
      run('events', 'send', 'orders/orders', '--data', data, '--id', id);
    const sent = await send('order-7');
    expect(sent.code, sent.stderr).toBe(0);
    expect(sent.stdout).toMatch(/^event order-7 stored as number \d+\n$/);
    expect((await send('order-7')).stdout).toContain('(was there already)');
    const watched = await untilListed('order-');
    expect((await run('watch', watched)).code).toBe(0);
    expect((await run('list', '-o', 'name', '--prefix', 'order-')).stdout).toBe(`${watched}\n`);
    expect((await run('logs', watched)).stdout).toContain('pack(0:rope): packing: rope');
  });

  it('start a workflow from a template by --from', async () => {
    const from = ['submit', '--from', 'workflowtemplate/order-pipeline', '--name', 'from-template'];
    const end = await run(...from, '--log');
    expect(end.code, end.stdout + end.stderr).toBe(0);
    expect(end.stdout).toContain('from-template.onExit: the order of Ada ended: Succeeded');
  });
});

async function untilListed(prefix: string): Promise<string> {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const { stdout } = await run('list', '-o', 'name', '--prefix', prefix);
    if (stdout.trim() !== '') return stdout.trim();
  }
  throw new Error(`no workflow begins with ${prefix}`);
}
