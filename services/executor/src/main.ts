// The executor as a process of its own.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gatewayEndpointOf, runServiceProcess } from '@argosy/shell';
import { defaultConcurrency } from './config.ts';
import { startExecutor } from './index.ts';

await runServiceProcess('executor', startExecutor, (environment, common) => ({
  ...common,
  pool: environment.text('ARGOSY_POOL', 'default'),
  concurrency: environment.number('ARGOSY_CONCURRENCY', defaultConcurrency()),
  dataDirectory: environment.text('ARGOSY_DATA', join(tmpdir(), 'argosy-executor')),
  gateway: gatewayEndpointOf(environment),
}));
