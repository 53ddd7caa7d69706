export {
  artifactObjectName,
  createArtifactAccess,
  type ArtifactAccessOptions,
  type ArtifactStore,
} from './artifacts/artifact-access.ts';
export { cloneGit } from './artifacts/git-artifact.ts';
export { createDataRunner } from './data/data-runner.ts';
export { inheritedEnvironment } from './environment.ts';
export { openExchange } from './http/http-request.ts';
export { createHttpRunner } from './http/http-runner.ts';
export { DEFAULT_IMAGES, type ImageEntry, type ImageMap } from './images.ts';
export { GRACE_DEFAULT_MS, PARAMETER_BYTES_MAX, RESULT_BYTES_MAX } from './limits.ts';
export { cancelOutcome, outcomeOf } from './outcome.ts';
export { createPluginRunner } from './plugin/plugin-runner.ts';
export type {
  ResourceClient,
  ResourceObject,
  ResourceReference,
} from './resource/resource-client.ts';
export { createResourceRunner } from './resource/resource-runner.ts';
export { processStartTime, removeLeftOvers, removeTaskDirectory } from './process/left-overs.ts';
export {
  createProcessRunner,
  type ProcessRunner,
  type ProcessRunnerOptions,
} from './process/process-runner.ts';
export type {
  ArtifactAccess,
  ArtifactScope,
  CancelReason,
  CancelRequest,
  KeyedBytes,
  LogStream,
  ResourceLookup,
  Runner,
  RunnerIo,
  RunnerTask,
  TaskOutcome,
} from './types.ts';
