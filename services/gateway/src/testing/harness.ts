import { createMemoryBus, type Bus } from '@argosy/bus';
import type { ServiceContext } from '@argosy/shell';
import { createLogger, createMetrics, createTracing } from '@argosy/telemetry';
import type { GatewayConfig } from '../config.ts';
import { startGateway, type RunningGateway } from '../service.ts';
import { startFakeScheduler, type FakeScheduler } from './fake-scheduler.ts';

export const TOKEN = 'test-token';
const PARTITIONS = 4;

/** A gateway on an in-memory bus with a fake scheduler behind it. */
export interface Harness {
  readonly bus: Bus;
  readonly gateway: RunningGateway;
  readonly scheduler: FakeScheduler;
  /** A request with the token; a path below the gateway's address. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** A request with a JSON body; the answer as JSON with its status. */
  call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: Record<string, unknown> }>;
  stop(): Promise<void>;
}

export async function startHarness(
  options: {
    readonly config?: Partial<GatewayConfig>;
    readonly refuse?: Parameters<typeof startFakeScheduler>[1]['refuse'];
    readonly withoutScheduler?: boolean;
    /** Default: one in memory. Closed at the end, whosever it is. */
    readonly bus?: Bus;
  } = {},
): Promise<Harness> {
  const bus = options.bus ?? createMemoryBus();
  const context: ServiceContext = {
    bus,
    logger: createLogger({ name: 'gateway', level: 'silent' }),
    metrics: createMetrics(),
    tracing: createTracing({ serviceName: 'gateway' }),
    replicaId: 'gateway-test',
    advertiseHost: '127.0.0.1',
  };
  const { refuse } = options;
  const scheduler = startFakeScheduler(bus, {
    partitions: PARTITIONS,
    ...(refuse === undefined ? {} : { refuse }),
  });
  if (options.withoutScheduler === true) await scheduler.stop();
  const gateway = await startGateway(context, {
    httpHost: '127.0.0.1',
    httpPort: 0,
    rpcHost: '127.0.0.1',
    rpcPort: 0,
    tokens: [TOKEN],
    partitions: PARTITIONS,
    ...options.config,
  });
  const send = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${gateway.httpAddress}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${TOKEN}`, ...(init.headers as Record<string, string>) },
    });
  return {
    bus,
    gateway,
    scheduler,
    fetch: send,
    async call(method, path, body) {
      const response = await send(path, {
        method,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const text = await response.text();
      return { status: response.status, body: JSON.parse(text) as Record<string, unknown> };
    },
    async stop() {
      await gateway.stop(500);
      await scheduler.stop();
      await bus[Symbol.asyncDispose]();
    },
  };
}

/** A workflow of one container, as JSON. */
export function helloWorkflow(metadata: object = { generateName: 'hello-' }): object {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata,
    spec: {
      entrypoint: 'main',
      arguments: { parameters: [{ name: 'who', value: 'world' }] },
      templates: [
        {
          name: 'main',
          container: { image: 'busybox', command: ['echo', '{{workflow.parameters.who}}'] },
        },
      ],
    },
  };
}
