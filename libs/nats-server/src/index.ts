export { MAX_PAYLOAD_BYTES, MINIMUM_VERSION, PREFERRED_VERSION } from './constants.ts';
export { defaultCacheDirectory, obtainNatsServer } from './obtain.ts';
export type { ObtainedNatsServer, ObtainOptions } from './obtain.ts';
export type { SourceName } from './sources/source.ts';
export { startNatsServer } from './start.ts';
export type { NatsServerExit, RunningNatsServer, StartNatsServerOptions } from './start.ts';
