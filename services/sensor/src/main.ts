// The sensor service as a process of its own.
import { runServiceProcess } from '@argosy/shell';
import type { GatewayEndpoint } from './gateway-objects.ts';
import { startSensor } from './index.ts';

await runServiceProcess('sensor', startSensor, (environment, common) => ({
  ...common,
  gateway: gatewayOf(environment.text('ARGOSY_SERVER', ''), environment.text('ARGOSY_TOKEN', '')),
}));

function gatewayOf(server: string, token: string): GatewayEndpoint | undefined {
  return server === '' ? undefined : { address: () => Promise.resolve(server), token };
}
