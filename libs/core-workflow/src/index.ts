export * from './cron/index.ts';
export { deletionDueAt } from './deletion.ts';
export type { Effect, Task } from './effect.ts';
export type {
  CancelReason,
  Fact,
  NodeCreatedFact,
  NodeGate,
  NodeOutputs,
  NodeRelation,
} from './facts.ts';
export type { ControlCommand, Input, RunHeader, TaskReport } from './input.ts';
export { headerFromStatus, stateFromStatus, type LoadedStatus } from './load/from-status.ts';
export * from './locks/index.ts';
export { decide, step, workflowMachine } from './machine.ts';
export type { MemoCache, MemoEntry, MemoOutcome, MemoQuery } from './memo.ts';
export type { MetricSample, MetricValue } from './metric.ts';
export { owedOf, streamOwed, takeOwed } from './owed/owed.ts';
export {
  createHistoryWriter,
  type HistoryEntry,
  type HistoryNode,
  type HistoryWriter,
} from './render/history.ts';
export { isFinished, renderWorkflow, summarize } from './render/workflow.ts';
export { memoizedStatus, workflowAgain } from './resubmission.ts';
export {
  SNAPSHOT_FORM,
  snapshotText,
  stateFromSnapshot,
  type StateSnapshot,
} from './snapshot/snapshot.ts';
export { initialState, type RunState, type RunState as State } from './state.ts';
export { summaryBeforeStart, type NewRun, type RunSummary } from './summary.ts';
export { parseTaskId, type TaskIdentity } from './task-id.ts';
