// What main.ts starts: the sensor with settings from the environment.
import { gatewayEndpointOf, runServiceProcess } from '@argosy/shell';
import { startSensor } from './index.ts';

await runServiceProcess('sensor', startSensor, (environment, common) => ({
  ...common,
  gateway: gatewayEndpointOf(environment),
  filesDirectory: environment.text('ARGOSY_SENSOR_FILES', '') || undefined,
}));
