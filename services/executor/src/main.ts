// The executor as a process of its own.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runServiceProcess } from '@argosy/shell';
import { defaultConcurrency } from './config.ts';
import type { GatewayEndpoint } from './gateway-client.ts';
import { startExecutor } from './index.ts';

await runServiceProcess('executor', startExecutor, (environment, common) => ({
  ...common,
  pool: environment.text('ARGOSY_POOL', 'default'),
  concurrency: environment.number('ARGOSY_CONCURRENCY', defaultConcurrency()),
  dataDirectory: environment.text('ARGOSY_DATA', join(tmpdir(), 'argosy-executor')),
  gateway: gatewayOf(environment.text('ARGOSY_SERVER', ''), environment.text('ARGOSY_TOKEN', '')),
}));

function gatewayOf(server: string, token: string): GatewayEndpoint | undefined {
  return server === '' ? undefined : { address: () => Promise.resolve(server), token };
}
