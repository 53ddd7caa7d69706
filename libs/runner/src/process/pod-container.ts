import { setTimeout as delay } from 'node:timers/promises';
import { ArgosyError } from '@argosy/base';
import { GRACE_DEFAULT_MS, SETUP_MESSAGE_BYTES_MAX } from '../limits.ts';
import type { CancelRequest, RunnerIo } from '../types.ts';
import { ProgramMissing } from './command-line.ts';
import {
  containerDirectory,
  makeRoot,
  startContainer,
  startProblem,
  type StartedContainer,
} from './container-run.ts';
import { placeInputs } from './inputs.ts';
import { MAIN, type PlannedContainer } from './pod-plan.ts';
import type { ContainerEnd, Pod } from './pod.ts';
import { followProgress } from './progress-file.ts';
import { whenReady } from './readiness.ts';
import { OWN_DIRECTORY, PROGRESS_PATH, SCRIPT_PATH, type TaskRoot } from './task-root.ts';
import { mountedVolumes } from './volumes.ts';

/** Runs one container to its end; the signal, whose reason is a CancelRequest, ends it early. */
export async function runContainer(
  pod: Pod,
  planned: PlannedContainer,
  signal: AbortSignal,
): Promise<ContainerEnd> {
  const { name } = planned;
  if (signal.aborted) return { kind: 'Left', name };
  let root: TaskRoot;
  try {
    root = await prepareRoot(pod, planned);
  } catch (thrown) {
    return { kind: 'NotStarted', name, problem: ArgosyError.fromUnknown(thrown).message };
  }
  using atEnd = new DisposableStack();
  if (name === MAIN) atEnd.use(progressOf(pod, root));
  const { retries, waitMs } = planned.retry ?? { retries: 0, waitMs: 0 };
  for (let tries = 0; ; tries += 1) {
    const end = await runOnce(pod, planned, { root, signal });
    const isOver = end.kind !== 'Exited' || end.code === 0 || tries >= retries;
    if (isOver || signal.aborted) return end;
    await delay(waitMs, undefined, { signal }).catch(() => undefined);
  }
}

async function runOnce(
  pod: Pod,
  planned: PlannedContainer,
  place: { readonly root: TaskRoot; readonly signal: AbortSignal },
): Promise<ContainerEnd> {
  const { name } = planned;
  const { root, signal } = place;
  const setup = createSetupText(pod.io, root);
  let started: StartedContainer;
  try {
    started = await startContainer({
      ...planned,
      root,
      host: pod.host,
      task: pod.task,
      io: setup.io,
      ...(name === MAIN ? { tail: pod.tail } : {}),
    });
  } catch (thrown) {
    const kind = thrown instanceof ProgramMissing ? 'Missing' : 'NotStarted';
    return { kind, name, problem: startProblem(name, thrown) };
  }
  const over = new AbortController();
  const stop = (): void => started.child.stop((signal.reason as CancelRequest).graceMs);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true, signal: over.signal });
  if (pod.plan.mains[0] === planned) {
    void announceReady(pod, planned, { started, signal: AbortSignal.any([signal, over.signal]) });
  }
  const { exitCode } = await started.child.ended;
  over.abort();
  if (root.setupFailed() && !signal.aborted) {
    const problem = `${name}: the task's file system could not be set up: ${setup.text()}`;
    return { kind: 'NotStarted', name, problem };
  }
  return { kind: 'Exited', name, code: exitCode };
}

/** Daemons are running when their probe says so, all others as soon as they are started. */
async function announceReady(
  pod: Pod,
  planned: PlannedContainer,
  now: { readonly started: StartedContainer; readonly signal: AbortSignal },
): Promise<void> {
  const { container } = planned;
  const isReady =
    pod.task.template.daemon !== true ||
    (await whenReady({ container, exec: now.started.exec, signal: now.signal }));
  if (isReady) pod.io.running();
}

/** A container that runs beside the main ones until it is stopped. */
export interface Sidecar {
  stop(): void;
  readonly ended: Promise<ContainerEnd>;
}

export function runSidecar(pod: Pod, planned: PlannedContainer): Sidecar {
  const own = new AbortController();
  const signal = AbortSignal.any([pod.cancellation.signal, own.signal]);
  const request: CancelRequest = { reason: 'Daemon', graceMs: GRACE_DEFAULT_MS };
  return { ended: runContainer(pod, planned, signal), stop: () => own.abort(request) };
}

/** The container's file system with its volumes, and for main ones the declared inputs in place. */
async function prepareRoot(pod: Pod, planned: PlannedContainer): Promise<TaskRoot> {
  const { inputs, outputs } = pod.task.template;
  const isMain = pod.plan.mains.includes(planned);
  const artifacts = isMain ? (inputs?.artifacts ?? []) : [];
  const root = makeRoot(pod.host, containerDirectory(pod.io.directory, planned.name), {
    volumes: mountedVolumes(planned.container.volumeMounts ?? [], pod.volumes),
    inputPaths: definedPaths(artifacts.map((artifact) => artifact.path)),
    outputPaths: definedPaths([
      ...(outputs?.parameters ?? []).map((parameter) => parameter.valueFrom?.path),
      ...(outputs?.artifacts ?? []).map((artifact) => artifact.path),
    ]),
  });
  pod.roots.set(planned.name, root);
  root.placeOf(SCRIPT_PATH);
  await placeInputs(artifacts, root, { artifacts: pod.io.artifacts, scope: pod.scope });
  return root;
}

function definedPaths(paths: readonly (string | undefined)[]): readonly string[] {
  return paths.filter(
    (path) => path !== undefined && !path.startsWith(`${OWN_DIRECTORY}/`),
  ) as string[];
}

function progressOf(pod: Pod, root: TaskRoot): Disposable {
  const progress = followProgress(root.placeOf(PROGRESS_PATH), (text) => pod.io.progress(text));
  return { [Symbol.dispose]: () => progress.stop() };
}

/** Keeps what the setup says before the program starts, for the message when it never does. */
function createSetupText(io: RunnerIo, root: TaskRoot): { readonly io: RunnerIo; text(): string } {
  let text = '';
  let started = false;
  return {
    text: () => text.trim(),
    io: {
      ...io,
      log: (stream, container, chunk) => {
        started ||= !root.setupFailed();
        if (started) return io.log(stream, container, chunk);
        text = (text + Buffer.from(chunk).toString()).slice(0, SETUP_MESSAGE_BYTES_MAX);
        return undefined;
      },
    },
  };
}
