/** The catalogue of CloudEvents that Argosy's services send one another. User events keep their own types. */
export const EVENT_TYPES = {
  /** Data: argosy.workflow.v1.Command with `submit`. */
  workflowSubmit: 'argosy.workflow.submit.v1',
  /** Data: argosy.workflow.v1.Command with `control`. */
  workflowControl: 'argosy.workflow.control.v1',
  /** Data: argosy.workflow.v1.Command with `report`. */
  taskReport: 'argosy.workflow.report.v1',
  /** Data: argosy.workflow.v1.CommandReply; sent to the reply subject, never stored. */
  commandReply: 'argosy.workflow.reply.v1',
  /** Data: argosy.workflow.v1.FactBatch. */
  workflowFacts: 'argosy.workflow.facts.v1',
  /** Data: a piece of the state of a run, compressed; extensions `pieces` and `checksum`. */
  workflowSnapshot: 'argosy.workflow.snapshot.v1',
  /** Data: argosy.workflow.v1.Task. */
  task: 'argosy.workflow.task.v1',
  /** Data: argosy.workflow.v1.LockCommand. */
  lockCommand: 'argosy.locks.command.v1',
  /** Data: argosy.workflow.v1.LockFactBatch. */
  lockFacts: 'argosy.locks.facts.v1',
  /** Data: argosy.workflow.v1.Command with `locks` or `memo`. */
  workflowTold: 'argosy.workflow.told.v1',
  /** Data: a BindingEvent as JSON. */
  bindingEvent: 'argosy.workflow.bindingevent.v1',
  /** Data: a DeadLetter as JSON. */
  deadLetter: 'argosy.sensor.deadletter.v1',
  /** Data: a Redrive as JSON. */
  redrive: 'argosy.sensor.redrive.v1',
  /** Data: a RedriveReply as JSON; sent to the reply subject, never stored. */
  redriveReply: 'argosy.sensor.redrivereply.v1',
  /** Data: a chunk of log text; extensions `stream` (stdout | stderr) and `container`. */
  logChunk: 'argosy.workflow.log.v1',
} as const;

export type EventType = (typeof EVENT_TYPES)[keyof typeof EVENT_TYPES];

/** The media type of protobuf data. */
export const PROTOBUF_CONTENT_TYPE = 'application/protobuf';
