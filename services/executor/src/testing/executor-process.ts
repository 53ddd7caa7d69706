import { applyTopologyAndConnect } from './connect.ts';
import { createLogger, createMetrics, createTracing } from '@argosy/telemetry';
import { startExecutor } from '../start-executor.ts';

// An executor as a process of its own, for tests that kill it. Arguments: URL of NATS, its token, the data
// directory, the id of the replica. Prints `ready` when it takes tasks.
const [url = '', token = '', dataDirectory = '', replicaId = ''] = process.argv.slice(2);

const bus = await applyTopologyAndConnect(url, token, replicaId);
await startExecutor(
  {
    bus,
    replicaId,
    logger: createLogger({ name: 'executor', pretty: false }),
    metrics: createMetrics(),
    tracing: createTracing({ serviceName: 'executor' }),
    advertiseHost: '127.0.0.1',
  },
  { pool: 'default', partitions: 4, dataDirectory, concurrency: 4 },
);
process.stdout.write('ready\n');
