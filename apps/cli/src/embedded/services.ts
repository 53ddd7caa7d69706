import { ArgosyError } from '@argosy/base';
import { clusterConfigOf, startEventSource } from '@argosy/event-source';
import { startExecutor } from '@argosy/executor';
import { startGateway } from '@argosy/gateway';
import { startScheduler } from '@argosy/scheduler';
import { startSensor } from '@argosy/sensor';
import type { ImageMap } from '@argosy/runner';
import { environmentOf, type RunningService, type ServiceContext } from '@argosy/shell';
import { clientVersion } from '../version.ts';
import type { Home } from './home.ts';

export interface ServicesOptions {
  readonly home: Home;
  readonly httpPort: number;
  readonly rpcPort: number;
  readonly partitions: number;
  /** Tasks at work at once; default 4 per core. */
  readonly concurrency?: number;
  readonly token: string;
  /** What images start, beside the known ones. */
  readonly images: ImageMap;
  readonly onProgress: (message: string) => void;
}

/** Where people and programs reach the gateway. */
export interface GatewayAddresses {
  readonly rpcAddress: string;
  readonly httpAddress: string;
}

const LOOPBACK = '127.0.0.1';

/**
 * Starts every service, those that take work from others first, so that nothing that comes in finds nobody.
 * In the order of starting; they are to be stopped in the opposite one.
 */
export async function startServices(
  contextOf: (name: string) => ServiceContext,
  options: ServicesOptions,
): Promise<{ readonly running: readonly RunningService[]; readonly gateway: GatewayAddresses }> {
  const { partitions, home } = options;
  const rpc = { rpcHost: LOOPBACK, rpcPort: 0 };
  const gatewayAddress = Promise.withResolvers<string>();
  const nearby = { address: () => gatewayAddress.promise, token: options.token };
  const [executor, scheduler, sensor, eventSource] = await Promise.all([
    startExecutor(contextOf('executor'), {
      ...rpc,
      partitions,
      pool: 'default',
      ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
      dataDirectory: home.tasksDirectory,
      images: options.images,
      gateway: nearby,
    }),
    startScheduler(contextOf('scheduler'), { ...rpc, partitions }),
    // Whoever writes Sensors here is whose files these are.
    startSensor(contextOf('sensor'), { ...rpc, partitions, gateway: nearby, filesDirectory: '/' }),
    startEventSource(contextOf('event-source'), {
      ...rpc,
      webhookHost: LOOPBACK,
      gateway: nearby,
      cluster: clusterConfigOf(environmentOf(process.env)),
    }),
  ]);
  const gateway = await startGatewayNearby(contextOf('gateway'), options);
  gatewayAddress.resolve(gateway.rpcAddress);
  return { running: [executor, scheduler, sensor, eventSource, gateway], gateway };
}

/** The gateway on the wanted ports, or on free ones when somebody else has them. */
async function startGatewayNearby(
  context: ServiceContext,
  options: ServicesOptions,
): ReturnType<typeof startGateway> {
  const config = {
    httpHost: LOOPBACK,
    rpcHost: LOOPBACK,
    partitions: options.partitions,
    tokens: [options.token],
    version: clientVersion(),
  };
  try {
    const { httpPort, rpcPort } = options;
    return await startGateway(context, { ...config, httpPort, rpcPort });
  } catch (thrown) {
    const error = ArgosyError.fromUnknown(thrown);
    const anyPort = options.httpPort === 0 && options.rpcPort === 0;
    if (error.code !== 'UNAVAILABLE' || anyPort) throw error;
    options.onProgress(`${error.message}: taking free ports instead`);
    return startGateway(context, { ...config, httpPort: 0, rpcPort: 0 });
  }
}
