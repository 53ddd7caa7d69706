// Covers the custom trigger against a real gRPC server of Argo Events' trigger service: the three calls, their
// bytes on the wire, parameters, judgement. Leaves out how connections are kept (idle-connections.test.ts).
import { CustomTriggerService } from '@argosy/api';
import { createRpcServer, rpcService } from '@argosy/rpc';
import { createLogger } from '@argosy/telemetry';
import { describe, expect, test } from 'vitest';
import { runTrigger } from '../testing/trigger-call.ts';
import { createCustomTrigger } from './custom.ts';

interface TriggerServer extends AsyncDisposable {
  readonly serverURL: string;
  readonly calls: (readonly [method: string, ...texts: string[]])[];
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

async function triggerServer(
  judgement: { success: boolean; message?: string },
  fetched = '{"kind":"Pipeline","image":"old"}',
): Promise<TriggerServer> {
  const calls: TriggerServer['calls'] = [];
  const server = await createRpcServer({
    host: '127.0.0.1',
    port: 0,
    logger: createLogger({ name: 'test', level: 'silent' }),
    services: [
      rpcService(CustomTriggerService, {
        fetchResource: ({ resource }) => {
          calls.push(['FetchResource', text(resource)]);
          return Promise.resolve({ resource: bytes(fetched) });
        },
        execute: ({ resource, payload }) => {
          calls.push(['Execute', text(resource), text(payload)]);
          return Promise.resolve({ response: bytes('ran') });
        },
        applyPolicy: ({ request }) => {
          calls.push(['ApplyPolicy', text(request)]);
          return Promise.resolve(judgement);
        },
      }),
    ],
  });
  return {
    serverURL: `127.0.0.1:${server.port}`,
    calls,
    [Symbol.asyncDispose]: () => server.stop(100),
  };
}

describe('trigger custom, against a gRPC server of the test', () => {
  test('the service, its methods and fields are those of Argo Events', () => {
    expect(CustomTriggerService.typeName).toBe('triggers.Trigger');
    const fields = CustomTriggerService.methods.map((method) => [
      method.name,
      ...method.input.fields.map(({ name, number }) => `${name}=${number}`),
      ...method.output.fields.map(({ name, number }) => `${name}=${number}`),
    ]);
    expect(fields).toEqual([
      ['FetchResource', 'resource=1', 'resource=1'],
      ['Execute', 'resource=1', 'payload=2', 'response=1'],
      ['ApplyPolicy', 'request=1', 'success=1', 'message=2'],
    ]);
  });

  test('a resource is fetched by its spec, takes parameters, is executed and judged', async () => {
    await using server = await triggerServer({ success: true });
    const trigger = createCustomTrigger();
    const outcome = await runTrigger(trigger, {
      serverURL: server.serverURL,
      spec: { url: 'https://x/y: z', 'a b': '1' },
      parameters: [['image', 'new']],
      payload: [['order', '17']],
    });
    await trigger.close?.();
    expect(outcome).toEqual({ kind: 'Done' });
    expect(server.calls).toEqual([
      ['FetchResource', '"a b": "1"\nurl: "https://x/y: z"\n'],
      ['Execute', '{"kind":"Pipeline","image":"new"}', '{"order":"17"}'],
      ['ApplyPolicy', 'ran'],
    ]);
  });

  test('a judgement without success is a failed attempt with its message', async () => {
    await using server = await triggerServer({ success: false, message: 'the pipeline broke' });
    const trigger = createCustomTrigger();
    const outcome = await runTrigger(trigger, { serverURL: server.serverURL, spec: {} });
    await trigger.close?.();
    expect(outcome).toEqual({ kind: 'Failed', reason: 'the pipeline broke' });
  });

  test('parameters for a resource that is no JSON object are refused before it is executed', async () => {
    await using server = await triggerServer({ success: true }, 'kind: Pipeline');
    const trigger = createCustomTrigger();
    const settings = { serverURL: server.serverURL, spec: {}, parameters: [['image', 'new']] };
    expect((await runTrigger(trigger, settings)).kind).toBe('Refused');
    expect(server.calls.map(([method]) => method)).toEqual(['FetchResource']);
    await trigger.close?.();
  });

  test('a server that is away is a failed attempt, and a secure one needs its certificate', async () => {
    const trigger = createCustomTrigger();
    expect(await runTrigger(trigger, { serverURL: '127.0.0.1:1', spec: {} })).toMatchObject({
      kind: 'Failed',
      reason: expect.stringContaining('127.0.0.1:1'),
    });
    expect(trigger.problems({ serverURL: 'x', spec: {}, secure: true })[0]).toContain('certSecret');
    await trigger.close?.();
  });
});
