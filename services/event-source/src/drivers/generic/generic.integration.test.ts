// Covers the generic source against a real gRPC server that offers Argo Events' service: what it is sent, what
// becomes of its messages, a token, TLS, a server that is away, refuses or ends the stream. Leaves out the
// waits between tries (lasting-connection.test.ts).
import { GenericEventingService } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { createRpcServer, rpcService, type RpcServer } from '@argosy/rpc';
import { createLogger } from '@argosy/telemetry';
import { eventually, freePort } from '@argosy/testkit';
import { describe, expect, test } from 'vitest';
import { dataOf, startHarness, type Harness } from '../../testing/harness.ts';
import { createGenericDriver } from './driver.ts';

const WITHIN = { timeoutMs: 20_000 };

interface EventServer {
  readonly server: RpcServer;
  readonly asked: string[];
  send(payload: string): void;
  /** Ends all streams. */
  end(): void;
}

async function eventServer(port = 0, token?: string): Promise<EventServer> {
  const asked: string[] = [];
  const waiting: (string | undefined)[] = [];
  let wake: (() => void) | undefined;
  const push = (item: string | undefined): void => {
    waiting.push(item);
    wake?.();
  };
  const server = await createRpcServer({
    host: '127.0.0.1',
    port,
    logger: createLogger({ name: 'test', level: 'silent' }),
    ...(token === undefined
      ? {}
      : {
          authenticate({ authorization }: { readonly authorization: string | undefined }) {
            if (authorization === `Bearer ${token}`) return 'argosy';
            throw new ArgosyError('UNAUTHENTICATED', 'the token is wrong');
          },
        }),
    services: [
      rpcService(GenericEventingService, {
        async *startEventSource({ name, config }, { signal }) {
          asked.push(`${name}: ${new TextDecoder().decode(config)}`);
          signal.addEventListener('abort', () => wake?.());
          while (!signal.aborted) {
            const isEnd = waiting.length > 0 && waiting[0] === undefined;
            const payload = waiting.shift();
            if (isEnd) return;
            if (payload !== undefined) {
              yield { name, payload: new TextEncoder().encode(payload) };
              continue;
            }
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        },
      }),
    ],
  });
  return { server, asked, send: push, end: () => push(undefined) };
}

async function declare(harness: Harness, settings: object): Promise<void> {
  const spec = { generic: { example: { config: 'all: true', insecure: true, ...settings } } };
  await harness.apply('EventSource', 'own', { spec });
}

const bodies = async (harness: Harness): Promise<readonly unknown[]> =>
  (await harness.events()).map((event) => dataOf(event)['body']);

describe('source generic, against a gRPC server of the test (grpc-js)', () => {
  test('the service, its method and fields are those of Argo Events', () => {
    expect(GenericEventingService.typeName).toBe('generic.Eventing');
    const fields = GenericEventingService.methods.map((method) => [
      `${method.name} ${method.methodKind}`,
      ...method.input.fields.map(({ name, number }) => `${name}=${number}`),
      ...method.output.fields.map(({ name, number }) => `${name}=${number}`),
    ]);
    expect(fields).toEqual([
      ['StartEventSource server_streaming', 'name=1', 'config=2', 'name=1', 'payload=2'],
    ]);
  });

  test('the server is sent name and config, and each message is an event in base64', async () => {
    const { server, asked, send } = await eventServer();
    await using harness = await startHarness();
    await declare(harness, { url: `127.0.0.1:${server.port}`, metadata: { team: 'x' } });
    for (const payload of ['hi', 'there']) send(payload);
    await eventually(async () => expect(await harness.events()).toHaveLength(2), WITHIN);
    expect(asked).toEqual(['example: all: true']);
    const [event] = await harness.events();
    expect(event?.event).toMatchObject({ type: 'generic', source: 'own', subject: 'example' });
    expect(dataOf(event)).toEqual({ body: 'aGk=', metadata: { team: 'x' } });
    await server.stop(100);
  });

  test('with jsonBody the message is embedded; one that is no JSON is refused', async () => {
    const { server, send } = await eventServer();
    await using harness = await startHarness();
    await declare(harness, { url: `127.0.0.1:${server.port}`, jsonBody: true });
    for (const payload of ['{"n":1}', '{', '{"n":2}']) send(payload);
    await eventually(
      async () => expect(await bodies(harness)).toEqual([{ n: 1 }, { n: 2 }]),
      WITHIN,
    );
    expect(await harness.context.metrics.render()).toMatch(/processing_failed_total\{.*\} 1\n/);
    await server.stop(100);
  });

  test('a stream that ends, and a server that is away, are told and begun again', async () => {
    const port = await freePort();
    await using harness = await startHarness();
    await declare(harness, { url: `127.0.0.1:${port}` });
    const trouble = (): Promise<string | undefined> => harness.condition('own', 'Deployed');
    await eventually(async () => expect(await trouble()).toContain(`127.0.0.1:${port}`), WITHIN);
    const { server, asked, send, end } = await eventServer(port);
    send('one');
    await eventually(async () => expect(await bodies(harness)).toHaveLength(1), WITHIN);
    await eventually(async () => expect(await trouble()).toBe(''), WITHIN);
    end();
    await eventually(() => expect(asked).toHaveLength(2), WITHIN);
    send('two');
    await eventually(async () => expect(await bodies(harness)).toHaveLength(2), WITHIN);
    await server.stop(100);
  });

  test('the token of authSecret is sent; a server that refuses it is trouble', async () => {
    const { server, send } = await eventServer(0, 's3cret');
    await using harness = await startHarness();
    await harness.apply('Secret', 'own', { stringData: { token: 'hunter2' } });
    const authSecret = { name: 'own', key: 'token' };
    await declare(harness, { url: `127.0.0.1:${server.port}`, authSecret });
    const trouble = (): Promise<string | undefined> => harness.condition('own', 'Deployed');
    await eventually(async () => expect(await trouble()).toContain('cannot reach'), WITHIN);
    expect(await trouble()).not.toContain('hunter2');
    await harness.apply('Secret', 'own', { stringData: { token: 's3cret' } });
    send('one');
    await eventually(async () => expect(await bodies(harness)).toHaveLength(1), WITHIN);
    await server.stop(100);
  });

  test('settings that are wrong are told by field', () => {
    const problems = (settings: object): string => createGenericDriver().problems(settings).join();
    expect(problems({ url: 'x:1', config: 'a' })).toBe('');
    expect(problems({ config: 'a' })).toContain('url is missing');
    expect(problems({ url: 'http://x:1', config: 'a' })).toContain('without a scheme');
    expect(problems({ url: 'x:1' })).toContain('config is missing');
    expect(problems({ url: 'x:1', config: 'a', tls: { insecureSkipVerify: true } })).toContain(
      'caCertSecret only',
    );
  });
});
