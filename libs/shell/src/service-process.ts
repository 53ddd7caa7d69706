import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { ArgosyError } from '@argosy/base';
import { connectBus } from '@argosy/bus';
import { createLogger, createMetrics, createTracing, loadOtlpExporter } from '@argosy/telemetry';
import { environmentOf, type Environment } from './environment.ts';
import { startHealthServer } from './health-server.ts';
import { agreeOnPartitions } from './partitions.ts';
import type { StartService } from './service.ts';

/** Settings that every service takes from its environment. */
export interface CommonConfig {
  readonly partitions: number;
  readonly rpcHost: string;
  readonly rpcPort: number;
}

/** Partitions of a distributed installation, unless ARGOSY_PARTITIONS says otherwise. */
export const PARTITIONS_DEFAULT = 64;
const HEALTH_PORT_DEFAULT = 8080;
const STOP_BUDGET_MS = 20_000;

/**
 * The life of one service as a process: connects to the bus named by ARGOSY_NATS_URL, declares the topology, starts,
 * serves health and metrics, and stops in order on SIGINT or SIGTERM. Exits 1 when it cannot start.
 */
export async function runServiceProcess<Config>(
  name: string,
  start: StartService<Config>,
  configOf: (environment: Environment, common: CommonConfig) => Config,
): Promise<void> {
  const environment = environmentOf(process.env);
  const logger = createLogger({ name, level: environment.text('ARGOSY_LOG_LEVEL', 'info') });
  try {
    const stop = await startProcess(name, start, { configOf, environment, logger });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        logger.info({ signal }, 'stopping');
        void stop().finally(() => process.exit(0));
      });
    }
  } catch (thrown) {
    const { code, message } = ArgosyError.fromUnknown(thrown);
    logger.fatal({ code, message }, 'cannot start');
    process.exit(1);
  }
}

async function startProcess<Config>(
  name: string,
  start: StartService<Config>,
  setup: {
    readonly configOf: (environment: Environment, common: CommonConfig) => Config;
    readonly environment: Environment;
    readonly logger: ReturnType<typeof createLogger>;
  },
): Promise<() => Promise<void>> {
  const { environment, logger } = setup;
  const token = environment.text('ARGOSY_NATS_TOKEN', '');
  const bus = await connectBus({
    url: environment.required('ARGOSY_NATS_URL'),
    name,
    logger,
    ...(token === '' ? {} : { token }),
  });
  await bus.applyTopology({ replicas: environment.number('ARGOSY_NATS_REPLICAS', 1) });
  const hasCollector = environment.text('OTEL_EXPORTER_OTLP_ENDPOINT', '') !== '';
  const tracing = createTracing({
    serviceName: name,
    exporters: hasCollector ? [await loadOtlpExporter()] : [],
  });
  const metrics = createMetrics({ processMetrics: true });
  const common: CommonConfig = {
    partitions: environment.number('ARGOSY_PARTITIONS', PARTITIONS_DEFAULT),
    rpcHost: environment.text('ARGOSY_RPC_HOST', '0.0.0.0'),
    rpcPort: environment.number('ARGOSY_RPC_PORT', 0),
  };
  await agreeOnPartitions(bus, common.partitions);
  const context = {
    bus,
    logger,
    metrics,
    tracing,
    replicaId: `${environment.text('ARGOSY_REPLICA', hostname())}-${randomBytes(3).toString('hex')}`,
    advertiseHost: environment.text('ARGOSY_ADVERTISE_HOST', hostname()),
  };
  const service = await start(context, setup.configOf(environment, common));
  const host = environment.text('ARGOSY_HEALTH_HOST', '0.0.0.0');
  const port = environment.number('ARGOSY_HEALTH_PORT', HEALTH_PORT_DEFAULT);
  const health = await startHealthServer({ host, port, service, metrics });
  logger.info({ rpcAddress: service.rpcAddress, healthPort: health.port }, 'running');
  return async () => {
    await service.stop(STOP_BUDGET_MS);
    await health.stop();
    await tracing.shutdown();
    await bus[Symbol.asyncDispose]();
  };
}
