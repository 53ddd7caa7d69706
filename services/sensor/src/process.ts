// The sensor service as a process of its own.
import { gatewayEndpointOf, runServiceProcess } from '@argosy/shell';
import { startSensor } from './index.ts';

await runServiceProcess('sensor', startSensor, (environment, common) => ({
  ...common,
  gateway: gatewayEndpointOf(environment),
}));
