// The scheduler as a process of its own.
import { runServiceProcess } from '@argosy/shell';
import { startScheduler } from './scheduler.ts';

await runServiceProcess('scheduler', startScheduler, (environment, common) => ({
  ...common,
  pool: environment.text('ARGOSY_POOL', 'default'),
  leaseTtlMs: environment.number('ARGOSY_LEASE_TTL_MS', 10_000),
}));
