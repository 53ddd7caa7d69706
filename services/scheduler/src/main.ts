// The scheduler as a process of its own. What it is made of is compiled once and kept by Node: the next start, which runs
// may wait for, takes half the time.
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { CONTROLLER_CONFIG_MAP } = await import('@argosy/model');
const { runServiceProcess } = await import('@argosy/shell');
const { startScheduler } = await import('./scheduler.ts');

await runServiceProcess('scheduler', startScheduler, (environment, common) => ({
  ...common,
  pool: environment.text('ARGOSY_POOL', 'default'),
  leaseTtlMs: environment.number('ARGOSY_LEASE_TTL_MS', 10_000),
  configMap: environment.text('ARGOSY_CONFIGMAP', CONTROLLER_CONFIG_MAP),
  configNamespaces: environment.text('ARGOSY_CONFIGMAP_NAMESPACES', 'argo,default').split(','),
}));
