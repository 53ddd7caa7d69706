export { connect, type Connection, type Endpoint } from './client/connection.ts';
export { findInstance, openHome, type Home, type Instance } from './embedded/home.ts';
export {
  EMBEDDED_PARTITIONS,
  startEmbedded,
  type EmbeddedOptions,
  type EmbeddedRuntime,
} from './embedded/runtime.ts';
export { runProgram } from './program.ts';
