// What main.ts starts: the scheduler with settings from the environment.
import { CONTROLLER_CONFIG_MAP } from '@argosy/model';
import { runServiceProcess } from '@argosy/shell';
import { startScheduler } from './scheduler.ts';

await runServiceProcess('scheduler', startScheduler, (environment, common) => ({
  ...common,
  pool: environment.text('ARGOSY_POOL', 'default'),
  leaseTtlMs: environment.number('ARGOSY_LEASE_TTL_MS', 10_000),
  configMap: environment.text('ARGOSY_CONFIGMAP', CONTROLLER_CONFIG_MAP),
  configNamespaces: environment.text('ARGOSY_CONFIGMAP_NAMESPACES', 'argo,default').split(','),
}));
