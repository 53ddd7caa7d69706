// The executor as a process of its own.
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { runServiceProcess } from '@argosy/shell';
import { startExecutor } from './index.ts';

const TASKS_PER_CORE = 4;

await runServiceProcess('executor', startExecutor, (environment, common) => ({
  ...common,
  pool: environment.text('ARGOSY_POOL', 'default'),
  concurrency: environment.number('ARGOSY_CONCURRENCY', availableParallelism() * TASKS_PER_CORE),
  dataDirectory: environment.text('ARGOSY_DATA', join(tmpdir(), 'argosy-executor')),
}));
