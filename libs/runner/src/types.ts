import type { Artifact, Template } from '@argosy/model';

/** One attempt at one leaf of a run, as a runner sees it. */
export interface RunnerTask {
  readonly taskId: string;
  readonly uid: string;
  readonly namespace: string;
  readonly workflow: string;
  readonly nodeId: string;
  readonly nodeName: string;
  readonly podName: string;
  readonly templateName: string;
  /** 0 for the first attempt. */
  readonly attempt: number;
  /** Every tag resolved, inputs with their values. */
  readonly template: Template;
  /** Whether standard output becomes `outputs.result`. */
  readonly captureResult: boolean;
  /** Wall-clock time at which the task is ended, in milliseconds since the epoch. */
  readonly deadlineAtMs?: number;
  /** W3C trace context, given to the process as TRACEPARENT. */
  readonly traceparent?: string;
}

/** Why a task is ended from outside. `Shutdown` = the executor itself stops; the task is handed back. */
export type CancelReason = 'Stop' | 'Terminate' | 'Deadline' | 'Daemon' | 'Shutdown';

/** The `reason` of an aborted RunnerIo.signal. */
export interface CancelRequest {
  readonly reason: CancelReason;
  /** Milliseconds between the first signal and the kill. */
  readonly graceMs: number;
}

export type LogStream = 'stdout' | 'stderr';

/** Reads ConfigMaps and Secrets; keys to bytes, undefined when there is no such object. */
export interface ResourceLookup {
  configMap(namespace: string, name: string): Promise<KeyedBytes | undefined>;
  secret(namespace: string, name: string): Promise<KeyedBytes | undefined>;
}

export type KeyedBytes = Readonly<Record<string, Uint8Array>>;

/** Moves artifacts between their stores and the host's file system. */
export interface ArtifactAccess {
  /**
   * Puts the artifact's content at `destination` (a file, or a directory when it is an archive of one).
   * @throws ArgosyError NOT_FOUND when the store has no such object.
   */
  load(artifact: Artifact, destination: string, scope: ArtifactScope): Promise<void>;
  /** Stores the file or directory and returns the artifact with the place where it lies now. */
  save(artifact: Artifact, source: string, scope: ArtifactScope): Promise<Artifact>;
  /** The keys that begin with the artifact's own key (all keys when it has none), in order. */
  list(artifact: Artifact, scope: ArtifactScope): Promise<readonly string[]>;
}

/** For whom an artifact is moved. */
export interface ArtifactScope {
  readonly namespace: string;
  readonly workflow: string;
  readonly uid: string;
  readonly podName: string;
  readonly signal: AbortSignal;
}

/** What a runner may use of its surroundings. */
export interface RunnerIo {
  /** Aborted with a CancelRequest as its reason when the task is to be ended. */
  readonly signal: AbortSignal;
  /** Takes output. While a returned promise is pending no more is read from the task (back-pressure). */
  log(stream: LogStream, container: string, chunk: Uint8Array): Promise<void> | undefined;
  /** `N/M` */
  progress(text: string): void;
  /** The task does its work now; for daemons: it is ready. Called at most once. */
  running(): void;
  /** A structured warning for the operator; secrets never go in. */
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  /** An absolute directory for this task alone; exists and is empty. The caller removes it. */
  readonly directory: string;
  readonly artifacts: ArtifactAccess;
  readonly resources: ResourceLookup;
}

/** How a task ended, in Argo's words. */
export interface TaskOutcome {
  readonly phase: 'Succeeded' | 'Failed' | 'Error';
  readonly message?: string;
  readonly exitCode?: number;
  readonly result?: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly artifacts: readonly Artifact[];
}

/** Runs tasks of some kinds of template. A runner never throws for what a task does: that is an outcome. */
export interface Runner {
  readonly name: string;
  supports(template: Template): boolean;
  run(task: RunnerTask, io: RunnerIo): Promise<TaskOutcome>;
}
