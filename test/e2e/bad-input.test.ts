// Covers what an installation answers to bad input by file, REST and gRPC: a reason that names the place, the right
// status, and services that go on. Leaves out bad input to single parts, which their own tests cover.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WorkflowService } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { createRpcClient, RPC_MESSAGE_BYTES_MAX } from '@argosy/rpc';
import { temporaryDirectory, type TemporaryDirectory } from '@argosy/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { argosy, EXAMPLES, startUp, type Up } from './support/command.ts';
import { callRaw } from './support/raw-rpc.ts';

const UNAUTHENTICATED = 16;
const UNIMPLEMENTED = 12;
const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;

let home: TemporaryDirectory;
let up: Up;

beforeAll(async () => {
  home = await temporaryDirectory('argosy-bad-');
  up = await startUp({ home: home.path });
});

afterEach(async () => {
  expect((await fetch(`${up.httpAddress}/healthz`)).status).toBe(200);
});

afterAll(async () => {
  try {
    const hello = await argosy(['run', join(EXAMPLES, 'hello-world.yaml')], { home: home.path });
    expect(hello.code, hello.stderr).toBe(0);
  } finally {
    up.child.kill('SIGTERM');
    await up.end;
    await home.remove();
  }
});

const HEAD = `apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: { generateName: bad- }
spec:
  entrypoint: main
`;

const ECHO = `    - name: echo
      container: { image: busybox, command: [echo] }
`;

interface BadManifest {
  readonly name: string;
  readonly text: string;
  /** What is said about it, with file and line. */
  readonly message: RegExp;
  readonly flag?: string;
}

const MANIFESTS: readonly BadManifest[] = [
  {
    name: 'broken YAML',
    text: 'kind: Workflow\nspec: {entrypoint: [\n',
    message: /broken-YAML\.yaml:\d+/,
  },
  {
    name: 'an unknown field',
    text: `${HEAD}  templates:\n    - name: main\n      contaner: { image: busybox }\n`,
    message: /an-unknown-field\.yaml:8.*contaner/,
    flag: '--strict',
  },
  {
    name: 'an unknown template',
    text: `${HEAD}  templates:\n    - name: main\n      steps: [[{ name: a, template: nowhere }]]\n`,
    message: /an-unknown-template\.yaml:\d+.*nowhere/,
  },
  {
    name: 'a cyclic DAG',
    text:
      `${HEAD}  templates:\n    - name: main\n      dag:\n        tasks:\n` +
      '          - { name: A, template: echo, dependencies: [B] }\n' +
      `          - { name: B, template: echo, dependencies: [A] }\n${ECHO}`,
    message: /a-cyclic-DAG\.yaml:\d+.*cycle/i,
  },
  {
    name: 'a wrong type',
    text: `${HEAD}  parallelism: many\n  templates:\n    - name: main\n      suspend: {}\n`,
    message: /a-wrong-type\.yaml:6.*parallelism/,
  },
];

describe('a manifest is refused by run, submit and lint with file and line when it has', () => {
  it.each(MANIFESTS)('$name', async ({ name, text, message, flag }) => {
    const file = join(home.path, `${name.replaceAll(' ', '-')}.yaml`);
    writeFileSync(file, text);
    const flags = flag === undefined ? [] : [flag];
    const submitted = await argosy(['submit', file, ...flags], { home: home.path });
    expect(submitted.code).toBe(2);
    expect(submitted.stderr).toMatch(message);
    const linted = await argosy(['lint', file, '--offline'], { home: home.path });
    expect(linted.code).toBe(1);
    expect(linted.stdout).toMatch(message);
  });
});

describe('REST answers with status and reason', () => {
  const post = (
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    token = up.token,
  ): Promise<Response> =>
    fetch(`${up.httpAddress}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
    });

  it('400 to a manifest of the wrong shape', async () => {
    const body = JSON.stringify({ workflow: { kind: 'Workflow', spec: { templates: 7 } } });
    const response = await post('/api/v1/workflows/default', body);
    expect(response.status).toBe(400);
    const reason = (await response.json()) as { code: number; message: string };
    expect(reason.code).toBe(INVALID_ARGUMENT);
    expect(reason.message).toMatch(/templates/);
  });

  it('413 to a body of 50 MB', async () => {
    const response = await post('/api/v1/workflows/default', new Uint8Array(50 * 1024 * 1024));
    expect(response.status).toBe(413);
    const reason = (await response.json()) as { code: number; message: string };
    expect(reason.code).toBe(RESOURCE_EXHAUSTED);
    expect(reason.message).toMatch(/too large; the limit is \d+ bytes/);
  });

  it('404 to a route that does not exist', async () => {
    const response = await post('/api/v1/nothing/here', '{}');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      message: expect.stringContaining('/api/v1/nothing/here') as string,
    });
  });

  it('401 to a wrong token and to none', async () => {
    const path = '/api/v1/workflows/default';
    const wrong = await post(path, '{}', 'wrong');
    const none = await fetch(`${up.httpAddress}${path}`);
    for (const response of [wrong, none]) {
      expect(response.status).toBe(401);
      const { message } = (await response.json()) as { message: string };
      expect(message).toMatch(/token/);
    }
  });
});

const SERVICE = '/argosy.gateway.v1.WorkflowService';

describe('gRPC answers with status and reason', () => {
  it('UNIMPLEMENTED to an unknown method and an unknown service', async () => {
    for (const path of [`${SERVICE}/Juggle`, '/argosy.gateway.v1.Nothing/At']) {
      const answer = await callRaw(up.rpcAddress, path, { token: up.token });
      expect(answer).toMatchObject({ status: UNIMPLEMENTED });
      expect(answer.message).not.toBe('');
    }
  });

  it('UNAUTHENTICATED to a wrong token and to none', async () => {
    const path = `${SERVICE}/ListWorkflows`;
    const wrong = await callRaw(up.rpcAddress, path, { token: 'wrong' });
    const none = await callRaw(up.rpcAddress, path);
    for (const answer of [wrong, none]) {
      expect(answer.status).toBe(UNAUTHENTICATED);
      expect(answer.message).toMatch(/token/);
    }
    const command = await argosy(['list', '--token', 'wrong'], { home: home.path });
    expect(command.code).toBe(1);
    expect(command.stderr).toMatch(/^error: .*token/);
  });

  it('an error to bytes that are no message', async () => {
    const message = Uint8Array.from([0xff, 0xff, 0xff]);
    const answer = await callRaw(up.rpcAddress, `${SERVICE}/ListWorkflows`, {
      token: up.token,
      message,
    });
    expect(answer.status).toBeGreaterThan(0);
    expect(answer.message).not.toBe('');
  });

  it.each([
    ['a manifest of 50 MB', 50 * 1024 * 1024, 'INVALID_ARGUMENT', /big\.yaml:1:1: .*the limit is/],
    ['a message over the limit', RPC_MESSAGE_BYTES_MAX + 1, 'RESOURCE_EXHAUSTED', /./],
  ])('a refusal with the reason to %s', async (_what, length, code, message) => {
    const client = createRpcClient(WorkflowService, up.rpcAddress, {
      token: up.token,
      messageBytesMax: 2 * RPC_MESSAGE_BYTES_MAX,
    });
    const value = new Uint8Array(length).fill(0x20);
    const answer = client.submitWorkflow({ source: { case: 'manifest', value }, file: 'big.yaml' });
    const refusal = await answer.then(
      () => undefined,
      (thrown: unknown) => ArgosyError.fromUnknown(thrown),
    );
    client.close();
    expect(refusal?.code).toBe(code);
    expect(refusal?.message).toMatch(message);
  });
});

describe('gRPC reflection', () => {
  /** `list_services` of the protocol, as tools send it. */
  const LIST_SERVICES = Uint8Array.from([0x3a, 0x01, 0x2a]);

  it('names the public services to tools', async () => {
    const answer = await callRaw(
      up.rpcAddress,
      '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
      { token: up.token, message: LIST_SERVICES },
    );
    expect(answer.status).toBe(0);
    const names = answer.messages.map((bytes) => bytes.toString('latin1')).join('');
    for (const name of ['WorkflowService', 'ResourceService', 'EventService', 'InfoService']) {
      expect(names).toContain(`argosy.gateway.v1.${name}`);
    }
  });

  it('gives the file that describes a method, with its messages', async () => {
    const symbol = new TextEncoder().encode('argosy.gateway.v1.WorkflowService.SubmitWorkflow');
    // Field 4, file_containing_symbol.
    const message = Uint8Array.from([0x22, symbol.length, ...symbol]);
    const path = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
    const answer = await callRaw(up.rpcAddress, path, { token: up.token, message });
    expect(answer.status).toBe(0);
    const text = answer.messages.map((bytes) => bytes.toString('latin1')).join('');
    expect(text).toContain('SubmitWorkflowRequest');
  });
});
