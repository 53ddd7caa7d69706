export * from './gen/argosy/events/v1/ingress_pb.js';
export * from './gen/argosy/executor/v1/executor_pb.js';
export * from './gen/argosy/gateway/v1/event_pb.js';
export * from './gen/argosy/gateway/v1/info_pb.js';
export * from './gen/argosy/gateway/v1/resource_pb.js';
export * from './gen/argosy/gateway/v1/sync_pb.js';
export * from './gen/argosy/gateway/v1/workflow_pb.js';
export * from './gen/argosy/scheduler/v1/scheduler_pb.js';
export * from './gen/argosy/workflow/v1/command_pb.js';
export * from './gen/argosy/workflow/v1/task_pb.js';
export { Trigger as CustomTriggerService } from './gen/triggers/trigger_pb.js';
export { Eventing as GenericEventingService } from './gen/generic/generic_pb.js';
export { BUCKETS, CLUSTER_NAMESPACE, OBJECT_STORES, STREAMS } from './buckets.ts';
export { decodeBindingEvent, encodeBindingEvent, type BindingEvent } from './binding-event.ts';
export { cloudEventProblem, type CloudEvent } from './cloud-event.ts';
export {
  decodeDeadLetter,
  decodeRedrive,
  decodeRedriveReply,
  encodeDeadLetter,
  encodeRedrive,
  encodeRedriveReply,
  REPLAY_EXTENSION,
  type DeadLetter,
  type FiredEvent,
  type Redrive,
  type RedriveReply,
} from './dead-letter.ts';
export { createFactLogReader, decisionGoesOn, type FactLogReader } from './fact-log.ts';
export {
  decodeCommand,
  decodeCommandReply,
  encodeCommand,
  encodeCommandReply,
  type RunCommand,
  type Submit,
} from './command-codec.ts';
export {
  decodeLockCommand,
  decodeLockFacts,
  encodeLockCommand,
  encodeLockFacts,
  type LockCommand,
} from './lock-codec.ts';
export { decodeTask, encodeTask, reportFromWire, reportToWire } from './task-codec.ts';
export { decodeFacts, encodeFacts, encodeFactsInPieces } from './workflow-facts.ts';
export { EVENT_TYPES, PROTOBUF_CONTENT_TYPE, type EventType } from './event-types.ts';
export {
  BINDING_EVENTS_FILTER,
  bindingEventSubject,
  commandFilter,
  commandSubject,
  deadLetterSubject,
  eventSubject,
  factSubject,
  isReservedEventSource,
  LOCK_COMMANDS_FILTER,
  LOCK_FACTS_SUBJECT,
  lockCommandSubject,
  logFilter,
  logSubject,
  resourceKey,
  runKey,
  sensorMailSubject,
  sensorStateKey,
  snapshotSubject,
  subjectToken,
  syncLimitKey,
  TASK_LANES,
  taskSubject,
  textOfToken,
  type EventAddress,
  type TaskLane,
} from './subjects.ts';
