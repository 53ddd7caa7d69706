// What main.ts starts: the event source with settings from the environment.
import { gatewayEndpointOf, runServiceProcess } from '@argosy/shell';
import { clusterConfigOf } from './drivers/resource/cluster/cluster-access.ts';
import { startEventSource } from './index.ts';

await runServiceProcess('event-source', startEventSource, (environment, { rpcHost, rpcPort }) => ({
  rpcHost,
  rpcPort,
  webhookHost: environment.text('ARGOSY_WEBHOOK_HOST', '0.0.0.0'),
  gateway: gatewayEndpointOf(environment),
  cluster: clusterConfigOf(environment),
}));
