import type { ArtifactScope, RunnerIo, RunnerTask } from '../types.ts';
import type { Cancellation } from './cancellation.ts';
import type { Host } from './container-run.ts';
import type { OutputTail } from './output-tail.ts';
import type { PodPlan } from './pod-plan.ts';
import type { TaskRoot } from './task-root.ts';
import type { VolumeDirectories } from './volumes.ts';

/** Everything that the phases of one task share. */
export interface Pod {
  readonly host: Host;
  readonly task: RunnerTask;
  readonly io: RunnerIo;
  readonly plan: PodPlan;
  readonly cancellation: Cancellation;
  readonly volumes: VolumeDirectories;
  readonly scope: ArtifactScope;
  readonly tail: OutputTail;
  /** Roots of the containers that were prepared, by name. */
  readonly roots: Map<string, TaskRoot>;
}

/** How one container ended; `Missing` = there is no such program, `Left` = it was never its turn. */
export type ContainerEnd =
  | { readonly kind: 'Exited'; readonly name: string; readonly code: number }
  | { readonly kind: 'Missing'; readonly name: string; readonly problem: string }
  | { readonly kind: 'NotStarted'; readonly name: string; readonly problem: string }
  | { readonly kind: 'Left'; readonly name: string };
