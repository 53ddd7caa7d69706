import { hostname } from 'node:os';
import { randomBytes } from 'node:crypto';
import { BUCKETS } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { connectBus, type Bus } from '@argosy/bus';
import { obtainNatsServer } from '@argosy/nats-server';
import { processStartTime } from '@argosy/runner';
import { agreeOnPartitions, type RunningService, type ServiceContext } from '@argosy/shell';
import {
  createMetrics,
  createSpanFile,
  createTracing,
  loadOtlpExporter,
  type Logger,
  type Metrics,
  type Tracing,
} from '@argosy/telemetry';
import {
  findInstance,
  forgetInstance,
  recordInstance,
  requireWritable,
  type Home,
  type Instance,
} from './home.ts';
import { readImagesFile } from './images-file.ts';
import { keepNatsServer, type NatsKeeper } from './nats-keeper.ts';
import { startServices, type GatewayAddresses } from './services.ts';

export interface EmbeddedOptions {
  readonly home: Home;
  readonly logger: Logger;
  /** Port of the REST API and the web hooks; 0 takes a free one. */
  readonly httpPort: number;
  /** Port of the gRPC API; 0 takes a free one. */
  readonly rpcPort: number;
  /** Tasks at work at once; default 4 per core. */
  readonly concurrency?: number;
  /** Told one sentence before everything that takes more than a moment. */
  readonly onProgress: (message: string) => void;
  readonly signal: AbortSignal;
}

/** A whole Argosy in this process, with nats-server as its child. */
export interface EmbeddedRuntime {
  readonly instance: Instance;
  readonly token: string;
  /** The installation's own bus. */
  readonly bus: Bus;
  /** Stops everything in order: what takes work first, the bus last. */
  stop(): Promise<void>;
}

/** Partitions of an embedded installation: one scheduler owns them all, so a few are enough. */
export const EMBEDDED_PARTITIONS = 4;

/** Milliseconds that each service has to finish or give back what it holds. */
const STOP_BUDGET_MS = 5_000;

/**
 * Starts nats-server, then every service, and resolves when all can work.
 * @throws ArgosyError FAILED_PRECONDITION when an installation runs on this home already.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedRuntime> {
  const { home, logger, onProgress, signal } = options;
  requireWritable(home);
  refuseSecondInstance(home);
  const images = readImagesFile(home);
  const cleanups: (() => Promise<void>)[] = [];
  const stop = once(async () => {
    for (const cleanup of cleanups.toReversed()) {
      await cleanup().catch((thrown: unknown) => {
        logger.error({ message: ArgosyError.fromUnknown(thrown).message }, 'while stopping');
      });
    }
  });
  try {
    const server = await obtainNatsServer({ onProgress, signal });
    const nats = await keepNatsServer({
      path: server.path,
      dataDirectory: home.natsDirectory,
      logger: logger.child({ service: 'nats' }),
    });
    cleanups.push(() => nats.stop());
    const tools = await connectTools(options, nats);
    cleanups.push(() => tools.close());
    const services = await startServices((name) => serviceContext(name, { ...tools, logger }), {
      ...options,
      images,
      partitions: EMBEDDED_PARTITIONS,
      token: home.token(),
    });
    for (const service of services.running) cleanups.push(() => service.stop(STOP_BUDGET_MS));
    await untilReady(services.running, signal);
    const instance = instanceOf(services.gateway);
    recordInstance(home, instance);
    cleanups.push(() => Promise.resolve(forgetInstance(home)));
    return { instance, token: home.token(), bus: tools.bus, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

interface SharedTools {
  readonly bus: Bus;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  close(): Promise<void>;
}

async function connectTools(options: EmbeddedOptions, nats: NatsKeeper): Promise<SharedTools> {
  const bus = await connectBus({
    url: nats.url,
    token: nats.token,
    name: 'argosy',
    logger: options.logger.child({ service: 'bus' }),
    signal: options.signal,
  });
  await bus.applyTopology();
  await forgetLeases(bus);
  await agreeOnPartitions(bus, EMBEDDED_PARTITIONS);
  const otlp = process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] !== undefined;
  const tracing = createTracing({
    serviceName: 'argosy',
    exporters: [
      createSpanFile(options.home.spansFile),
      ...(otlp ? [await loadOtlpExporter()] : []),
    ],
  });
  const metrics = createMetrics({ processMetrics: true });
  return {
    bus,
    metrics,
    tracing,
    async close() {
      await tracing.shutdown();
      await bus[Symbol.asyncDispose]();
    },
  };
}

/**
 * Whoever held a lease on this home is dead: the data directory is ours alone. Without this a restart after a
 * crash would wait until the leases of the dead run out.
 */
async function forgetLeases(bus: Bus): Promise<void> {
  const bucket = await bus.keyValue(BUCKETS.leases);
  await Promise.all((await bucket.keys()).map((key) => bucket.delete(key)));
}

function serviceContext(
  name: string,
  tools: Omit<SharedTools, 'close'> & { readonly logger: Logger },
): ServiceContext {
  return {
    bus: tools.bus,
    metrics: tools.metrics,
    tracing: tools.tracing,
    logger: tools.logger.child({ service: name }),
    replicaId: `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`,
    advertiseHost: '127.0.0.1',
  };
}

/** Longest wait for the services to become able to work. */
const READY_TIMEOUT_MS = 30_000;
const READY_POLL_MS = 5;

async function untilReady(services: readonly RunningService[], signal: AbortSignal): Promise<void> {
  const deadlineMs = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const waiting = services.filter((service) => !service.ready().ready);
    if (waiting.length === 0) return;
    signal.throwIfAborted();
    if (Date.now() > deadlineMs) {
      const reasons = waiting.map((service) => `${service.name}: ${service.ready().reason ?? ''}`);
      throw new ArgosyError('UNAVAILABLE', `not ready after 30 s: ${reasons.join('; ')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
}

function instanceOf(gateway: GatewayAddresses): Instance {
  return {
    pid: process.pid,
    processStart: processStartTime(process.pid),
    rpcAddress: gateway.rpcAddress,
    httpAddress: gateway.httpAddress,
    startedAt: new Date().toISOString(),
  };
}

function refuseSecondInstance(home: Home): void {
  const running = findInstance(home);
  if (running === undefined) return;
  throw new ArgosyError(
    'FAILED_PRECONDITION',
    `an Argosy runs on ${home.directory} already (process ${running.pid}, ${running.httpAddress}): ` +
      'use it, stop it, or name another folder with --home',
  );
}

function once(job: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= job());
}
