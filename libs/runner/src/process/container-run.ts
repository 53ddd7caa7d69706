import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ArgosyError } from '@argosy/base';
import type { Container } from '@argosy/model';
import { declaredEnvironment, type Environment } from '../environment.ts';
import type { ImageMap } from '../images.ts';
import type { RunnerIo, RunnerTask } from '../types.ts';
import { startChild, type Child } from './child-process.ts';
import { checkProgram, commandLine } from './command-line.ts';
import { killMarked, recordProcess, TASK_DIRECTORY_VARIABLE } from './left-overs.ts';
import { createNamespaceRoot, type NamespaceSupport } from './namespace-root.ts';
import { createRewriteRoot } from './rewrite-root.ts';
import { placeScript } from './script-file.ts';
import {
  PROGRESS_PATH,
  STAND_INS_PATH,
  type HostCommand,
  type RootVolume,
  type TaskRoot,
  type TaskRootOptions,
} from './task-root.ts';
import type { OutputTail } from './output-tail.ts';
import type { Launcher } from './launcher.ts';
import type { OutputPipes } from './output-pipes.ts';
import type { ProbeExec } from './readiness.ts';

/** What the process runner was made with. */
export interface Host {
  /** Undefined where the host allows no private mounts. */
  readonly namespaces: NamespaceSupport | undefined;
  readonly images: ImageMap;
  readonly pipes: OutputPipes;
  readonly launcher: Launcher;
  readonly environment: Environment;
  readonly standInsDirectory: string;
  readonly claimsDirectory: string;
}

/** One container of a task that is about to run. */
export interface ContainerSetup {
  readonly name: string;
  readonly container: Container;
  /** Source of a script template. */
  readonly source?: string;
  readonly root: TaskRoot;
  readonly host: Host;
  readonly task: RunnerTask;
  readonly io: RunnerIo;
  /** Keeps the end of standard output when the result is asked for. */
  readonly tail?: OutputTail;
}

/** Makes the file system that one container sees. */
export function makeRoot(
  host: Host,
  directory: string,
  paths: Pick<TaskRootOptions, 'inputPaths' | 'outputPaths'> & {
    readonly volumes: readonly RootVolume[];
  },
): TaskRoot {
  mkdirSync(directory, { recursive: true });
  const options: TaskRootOptions = {
    directory,
    standInsDirectory: host.standInsDirectory,
    ...paths,
  };
  return host.namespaces === undefined
    ? createRewriteRoot(options)
    : createNamespaceRoot(options, host.namespaces);
}

/**
 * Starts a container's process.
 * @throws ArgosyError when it cannot be started: no such command, no such Secret, …
 */
export async function startContainer(setup: ContainerSetup): Promise<StartedContainer> {
  const { container, root, host, io, task, tail } = setup;
  const declared = await declaredEnvironment(container, task, io.resources);
  const scriptPath = setup.source === undefined ? undefined : placeScript(setup.source, root);
  const argv = commandLine(container, declared, {
    images: host.images,
    ...(scriptPath === undefined ? {} : { scriptPath }),
  });
  const environment = { ...baseEnvironment(setup), ...declared };
  const withStandIns = `${environment['PATH'] ?? ''}:${STAND_INS_PATH}`;
  const path = root.kind === 'Namespace' ? withStandIns : root.rewrite(withStandIns);
  const workingDirectory = container.workingDir;
  checkProgram(argv.map(root.rewrite), container, {
    root,
    path,
    workingDirectory: workingDirectory ?? '/',
  });
  const hostCommand = (words: readonly string[]): HostCommand =>
    root.command({
      argv: words,
      environment: { ...environment, PATH: withStandIns },
      workingDirectory: workingDirectory === '' ? undefined : workingDirectory,
    });
  const command = hostCommand(argv);
  if (root.kind === 'Rewrite') mkdirSync(command.workingDirectory, { recursive: true });
  const hooks = {
    pipes: host.pipes,
    launcher: host.launcher,
    onSpawned: (pid: number) => recordProcess(io.directory, pid),
    // A namespace takes all its processes with it; without one, those that left the group are looked for.
    onExited: () => {
      if (host.namespaces?.isolation.ownProcesses !== true)
        killMarked(containerDirectory(io.directory, setup.name));
    },
  };
  const child = await startChild(command, {
    ...hooks,
    onOutput: (stream, chunk) => {
      if (stream === 'stdout') tail?.push(chunk);
      return io.log(stream, setup.name, chunk);
    },
  });
  const exec: ProbeExec = async (words, signal) => {
    const probe = await startChild(hostCommand(words), {
      pipes: host.pipes,
      launcher: host.launcher,
      onSpawned: hooks.onSpawned,
      onExited: () => undefined,
      onOutput: () => undefined,
    });
    signal.addEventListener('abort', () => probe.stop(0), { once: true });
    return (await probe.ended).exitCode;
  };
  return { child, exec };
}

/** A container's process, and the way to run a further command where it runs. */
export interface StartedContainer {
  readonly child: Child;
  readonly exec: ProbeExec;
}

/** What every task finds in its environment, as Argo's pods do; declared variables win. */
function baseEnvironment(setup: ContainerSetup): Environment {
  const { task, host, io, name } = setup;
  const template = JSON.stringify(task.template);
  return {
    ...host.environment,
    HOSTNAME: task.podName,
    ARGO_CONTAINER_NAME: name,
    ARGO_NODE_ID: task.nodeId,
    ARGO_POD_NAME: task.podName,
    ARGO_POD_UID: task.taskId,
    ARGO_WORKFLOW_NAME: task.workflow,
    ARGO_WORKFLOW_UID: task.uid,
    ARGO_PROGRESS_FILE: PROGRESS_PATH,
    ARGO_INCLUDE_SCRIPT_OUTPUT: String(task.captureResult),
    // Linux refuses single strings of more than 128 kB; the template is a convenience.
    ...(Buffer.byteLength(template) < TEMPLATE_BYTES_MAX ? { ARGO_TEMPLATE: template } : {}),
    ...(task.deadlineAtMs === undefined
      ? {}
      : { ARGO_DEADLINE: new Date(task.deadlineAtMs).toISOString() }),
    ...(task.traceparent === undefined ? {} : { TRACEPARENT: task.traceparent }),
    [TASK_DIRECTORY_VARIABLE]: containerDirectory(io.directory, name),
  };
}

/** Most bytes of the template that are passed on in ARGO_TEMPLATE. */
const TEMPLATE_BYTES_MAX = 64 * 1024;

/** Turns what was thrown before a program started into words for the node's message. */
export function startProblem(container: string, thrown: unknown): string {
  const { message } = ArgosyError.fromUnknown(thrown);
  return `${container}: ${message}`;
}

/** Directory of one container below the task's. */
export function containerDirectory(taskDirectory: string, container: string): string {
  return join(taskDirectory, 'containers', encodeURIComponent(container));
}
