export type { Effect, Task } from './effect.ts';
export type { ControlCommand, Input, RunHeader, TaskReport } from './input.ts';
export type { RunSummary } from './summary.ts';
