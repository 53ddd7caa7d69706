// Covers the server and the client over real sockets: answers, streams, errors, deadlines, cancellation,
// limits, authentication, health, reflection, stop. Leaves out TLS, which the deployment adds.
import { ArgosyError } from '@argosy/base';
import { createFileRegistry, create, type DescService } from '@bufbuild/protobuf';
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt';
import { Client, Metadata, credentials, type ServiceError } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallContext, CallOptions } from './bridge.ts';
import { createRpcClient } from './client.ts';
import { createRpcServer, rpcService, type RpcServer, type RpcServerOptions } from './server.ts';

const file = create(FileDescriptorProtoSchema, {
  name: 'test/echo.proto',
  package: 'test',
  syntax: 'proto3',
  messageType: [
    {
      name: 'Text',
      field: [
        {
          name: 'text',
          number: 1,
          type: FieldDescriptorProto_Type.STRING,
          label: FieldDescriptorProto_Label.OPTIONAL,
          jsonName: 'text',
        },
      ],
    },
  ],
  service: [
    {
      name: 'EchoService',
      method: [
        { name: 'Echo', inputType: '.test.Text', outputType: '.test.Text' },
        { name: 'Count', inputType: '.test.Text', outputType: '.test.Text', serverStreaming: true },
      ],
    },
  ],
});
const echoService = createFileRegistry(file, () => undefined).getService(
  'test.EchoService',
) as DescService;

interface Text {
  readonly text: string;
}
interface EchoClient {
  echo(request: Text, options?: CallOptions): Promise<Text>;
  count(request: Text, options?: CallOptions): AsyncIterable<Text>;
  close(): void;
}
interface Echo {
  echo?(request: Text, context: CallContext): Promise<Text>;
  count?(request: Text, context: CallContext): AsyncIterable<Text>;
}

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(
  implementation: Echo,
  options: Partial<RpcServerOptions> = {},
): Promise<RpcServer> {
  const full: Echo = {
    echo: (request) => Promise.resolve(request),

    async *count(request) {
      for (let index = 0; index < Number(request.text); index += 1) yield { text: String(index) };
    },
    ...implementation,
  };
  const server = await createRpcServer({
    host: '127.0.0.1',
    port: 0,
    services: [rpcService(echoService, full as never)],
    logger: { error: () => undefined, debug: () => undefined },
    ...options,
  });
  closers.push(() => server.stop(200));
  return server;
}

function connect(
  server: RpcServer,
  options: { token?: string; messageBytesMax?: number } = {},
): EchoClient {
  const client = createRpcClient(echoService, server.address, options) as unknown as EchoClient;
  closers.push(() => {
    client.close();
  });
  return client;
}

function raw(server: RpcServer, path: string, metadata = new Metadata()): Promise<ServiceError> {
  const client = new Client(server.address, credentials.createInsecure());
  closers.push(() => {
    client.close();
  });
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      (value: Buffer) => value,
      (value) => value,
      Buffer.alloc(0),
      metadata,
      (error) => {
        if (error === null) reject(new Error('the call was answered'));
        else resolve(error);
      },
    );
  });
}

async function collect(stream: AsyncIterable<Text>): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of stream) texts.push(text);
  return texts;
}

describe('calls', () => {
  it('answers a unary call', async () => {
    const client = connect(await serve({}));
    expect((await client.echo({ text: 'grüezi ✓' })).text).toBe('grüezi ✓');
  });

  it('streams 10,000 answers in order', async () => {
    const client = connect(await serve({}));
    const texts = await collect(client.count({ text: '10000' }));
    expect(texts).toEqual(Array.from({ length: 10_000 }, (_, index) => String(index)));
  });

  it('hands over the trace context and the deadline', async () => {
    let seen: CallContext | undefined;
    const server = await serve({
      echo: (request, context) => {
        seen = context;
        return Promise.resolve(request);
      },
    });
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    await connect(server).echo({ text: '' }, { traceparent, deadlineMs: 5_000 });
    expect(seen?.traceparent).toBe(traceparent);
    expect((seen?.deadlineAtMs ?? 0) - Date.now()).toBeGreaterThan(3_000);
    expect((seen?.deadlineAtMs ?? 0) - Date.now()).toBeLessThanOrEqual(5_000);
  });

  it('waits for a slow reader instead of buffering the stream', async () => {
    let written = 0;
    const server = await serve({
      async *count() {
        for (; written < 1_000; written += 1) yield { text: 'x'.repeat(100_000) };
      },
    });
    const stream = connect(server).count({ text: '' })[Symbol.asyncIterator]();
    await stream.next();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(written).toBeLessThan(500);
    await stream.return?.();
  });
});

describe('finished calls', () => {
  it('are told with method, code and duration, streams and refusals included', async () => {
    const calls: string[] = [];
    const server = await serve(
      { echo: () => Promise.reject(new ArgosyError('NOT_FOUND', 'no such thing')) },
      {
        onFinished: ({ method, code, durationMs }) => {
          calls.push(`${method} ${code} ${durationMs >= 0 && durationMs < 5_000}`);
        },
      },
    );
    const client = connect(server);
    await collect(client.count({ text: '2' }));
    await expect(client.echo({ text: '' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(calls).toEqual([
      'test.EchoService.Count OK true',
      'test.EchoService.Echo NOT_FOUND true',
    ]);
  });
});

describe('errors', () => {
  it('carries the code, the message and the retry advice of an ArgosyError', async () => {
    const server = await serve({
      echo: () =>
        Promise.reject(
          new ArgosyError('CONFLICT', 'ä.yaml:3:1: somebody was first', { retry: { afterMs: 70 } }),
        ),
    });
    await expect(connect(server).echo({ text: '' })).rejects.toMatchObject({
      name: 'ArgosyError',
      code: 'CONFLICT',
      message: 'ä.yaml:3:1: somebody was first',
      retry: { afterMs: 70 },
    });
  });

  it('ends a stream with the error that its implementation threw', async () => {
    const server = await serve({
      async *count() {
        yield { text: 'first' };
        throw new ArgosyError('NOT_FOUND', 'no such run');
      },
    });
    const texts: string[] = [];
    const reading = (async () => {
      for await (const { text } of connect(server).count({ text: '' })) texts.push(text);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'no such run' });
    expect(texts).toEqual(['first']);
  });

  it('answers an unknown method and an unknown service with UNIMPLEMENTED', async () => {
    const server = await serve({});
    expect(await raw(server, '/test.EchoService/Nothing')).toMatchObject({ code: 12 });
    expect(await raw(server, '/test.Nothing/Echo')).toMatchObject({ code: 12 });
  });

  it('answers UNAVAILABLE when nobody listens', async () => {
    const server = await serve({});
    const client = connect(server);
    await server.stop(100);
    await expect(client.echo({ text: '' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('refuses a message above the limit and serves the next call', async () => {
    const client = connect(await serve({}, { messageBytesMax: 10_000 }));
    const large = client.echo({ text: 'x'.repeat(20_000) });
    await expect(large).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    expect((await client.echo({ text: 'small' })).text).toBe('small');
  });

  it('refuses to bind an address that is taken', async () => {
    const first = await serve({});
    await expect(serve({}, { port: first.port })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('deadlines and cancellation', () => {
  /** An echo that never answers and tells when its signal was aborted. */
  function hanging(): { implementation: Echo; aborted: Promise<void> } {
    let told: () => void = () => undefined;
    const aborted = new Promise<void>((resolve) => {
      told = resolve;
    });
    const wait = (context: CallContext): Promise<void> =>
      new Promise((resolve) => {
        context.signal.addEventListener('abort', () => {
          told();
          resolve();
        });
      });
    return {
      aborted,
      implementation: {
        echo: async (request, context) => {
          await wait(context);
          return request;
        },
        async *count(_request, context) {
          yield { text: 'first' };
          await wait(context);
        },
      },
    };
  }

  it('fails with DEADLINE_EXCEEDED when the deadline passes, and tells the implementation', async () => {
    const { implementation, aborted } = hanging();
    const client = connect(await serve(implementation));
    const call = client.echo({ text: '' }, { deadlineMs: 100 });
    await expect(call).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await aborted;
  });

  it('tells the implementation when the caller aborts', async () => {
    const { implementation, aborted } = hanging();
    const client = connect(await serve(implementation));
    const controller = new AbortController();
    const call = client.echo({ text: '' }, { signal: controller.signal });
    setTimeout(() => {
      controller.abort();
    }, 50);
    await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
    await aborted;
  });

  it('tells the implementation when the reader leaves a stream', async () => {
    const { implementation, aborted } = hanging();
    const client = connect(await serve(implementation));
    for await (const { text } of client.count({ text: '' })) {
      expect(text).toBe('first');
      break;
    }
    await aborted;
  });

  it('ends streams with UNAVAILABLE at once when the server stops', async () => {
    const { implementation } = hanging();
    const server = await serve(implementation);
    const reading = collect(connect(server).count({ text: '' }));
    const outcome = expect(reading).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const begun = Date.now();
    await server.stop(5_000);
    await outcome;
    expect(Date.now() - begun).toBeLessThan(4_000);
  });
});

describe('authentication', () => {
  const authenticate: RpcServerOptions['authenticate'] = ({ authorization }) => {
    if (authorization === 'Bearer right') return 'somebody';
    throw new ArgosyError('UNAUTHENTICATED', 'The token is wrong.');
  };

  it('lets the right token in and names the caller to the implementation', async () => {
    const server = await serve(
      { echo: (_request, context) => Promise.resolve({ text: context.user }) },
      { authenticate },
    );
    expect((await connect(server, { token: 'right' }).echo({ text: '' })).text).toBe('somebody');
  });

  it('refuses a wrong and a missing token, for unary calls, streams and reflection', async () => {
    const server = await serve({}, { authenticate });
    const refused = { code: 'UNAUTHENTICATED', message: 'The token is wrong.' };
    const wrong = connect(server, { token: 'wrong' });
    await expect(wrong.echo({ text: '' })).rejects.toMatchObject(refused);
    await expect(connect(server).echo({ text: '' })).rejects.toMatchObject(refused);
    await expect(collect(wrong.count({ text: '3' }))).rejects.toMatchObject(refused);
    await expect(reflect(server, undefined)).rejects.toMatchObject({ code: 16 });
  });

  it('answers health checks without a token', async () => {
    const server = await serve({}, { authenticate });
    expect(await health(server, '')).toBe('SERVING');
  });
});

describe('health and reflection', () => {
  it('reports each service, and NOT_SERVING soon after the process is not ready', async () => {
    let ready = true;
    const server = await serve({}, { readiness: () => ({ ready }) });
    expect(await health(server, 'test.EchoService')).toBe('SERVING');
    ready = false;
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect(await health(server, 'test.EchoService')).toBe('NOT_SERVING');
    expect(await health(server, '')).toBe('NOT_SERVING');
  });

  it('lists the services to tools by reflection', async () => {
    const services = await reflect(await serve({}), undefined);
    expect(services).toContain('test.EchoService');
  });
});

/** Asks the health service; the messages are small enough to be read by hand. */
function health(server: RpcServer, service: string): Promise<string> {
  const client = new Client(server.address, credentials.createInsecure());
  closers.push(() => {
    client.close();
  });
  const name = Buffer.from(service);
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      '/grpc.health.v1.Health/Check',
      (value: Buffer) => value,
      (value) => value,
      Buffer.concat([Buffer.from([0x0a, name.length]), name]),
      (error, answer) => {
        if (error !== null) reject(error);
        else resolve(['UNKNOWN', 'SERVING', 'NOT_SERVING'][answer?.[1] ?? 0] ?? '?');
      },
    );
  });
}

/** `list_services` of the reflection protocol; the answer's bytes hold the names as text. */
function reflect(server: RpcServer, token: string | undefined): Promise<string> {
  const client = new Client(server.address, credentials.createInsecure());
  closers.push(() => {
    client.close();
  });
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  return new Promise((resolve, reject) => {
    const call = client.makeBidiStreamRequest(
      '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
      (value: Buffer) => value,
      (value: Buffer) => value,
      metadata,
    );
    call.on('error', reject);
    call.on('data', (answer: Buffer) => {
      resolve(answer.toString('latin1'));
      call.end();
    });
    call.write(Buffer.from([0x3a, 0x01, 0x2a]));
  });
}
