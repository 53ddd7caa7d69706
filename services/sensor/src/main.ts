// The sensor service as a process of its own.
import { runServiceProcess } from '@argosy/shell';
import { startSensor } from './index.ts';

await runServiceProcess('sensor', startSensor, (_environment, common) => common);
