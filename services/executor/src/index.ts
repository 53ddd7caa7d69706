export type { ExecutorConfig } from './config.ts';
export { startExecutor, taskConsumer } from './start-executor.ts';
