import { ArgosyError } from '@argosy/base';
import { RESULT_BYTES_MAX } from '../limits.ts';
import { cancelOutcome, exitMessage, outcomeOf } from '../outcome.ts';
import type { ArtifactScope, RunnerIo, RunnerTask, TaskOutcome } from '../types.ts';
import { createCancellation, type Cancellation } from './cancellation.ts';
import type { Host } from './container-run.ts';
import { createOutputTail, withoutFinalNewline, type OutputTail } from './output-tail.ts';
import { readParameters, saveArtifacts } from './outputs.ts';
import { MAIN, podPlan, type PlannedContainer, type PodPlan } from './pod-plan.ts';
import { runContainer, runSidecar } from './pod-container.ts';
import type { ContainerEnd, Pod } from './pod.ts';
import { makeVolumes } from './volumes.ts';

/** Exit codes of sidecars that were ended by a signal of ours; they say nothing about the task. */
const ENDED_SIDECAR_CODES: readonly number[] = [0, 137, 143];

/** Runs all containers of a task on this host. Never throws: what goes wrong is the outcome. */
export async function runPod(host: Host, task: RunnerTask, io: RunnerIo): Promise<TaskOutcome> {
  using cancellation = createCancellation(task, io);
  using roots = new DisposableStack();
  try {
    const pod = await preparePod({ host, task, io }, cancellation);
    roots.defer(() => {
      for (const root of pod.roots.values()) root.release();
    });
    return await runContainers(pod);
  } catch (thrown) {
    const request = cancellation.request();
    if (request !== undefined) return cancelOutcome(request.reason);
    return outcomeOf('Error', ArgosyError.fromUnknown(thrown).message);
  }
}

async function preparePod(
  given: Pick<Pod, 'host' | 'task' | 'io'>,
  cancellation: Cancellation,
): Promise<Pod> {
  const { host, task, io } = given;
  const { template } = task;
  const plan = podPlan(template);
  warnAboutImages(plan, io);
  const volumes = await makeVolumes(template.volumes ?? [], {
    namespace: task.namespace,
    uid: task.uid,
    taskDirectory: io.directory,
    claimsDirectory: host.claimsDirectory,
    resources: io.resources,
  });
  const scope: ArtifactScope = {
    namespace: task.namespace,
    workflow: task.workflow,
    uid: task.uid,
    podName: task.podName,
    signal: cancellation.signal,
  };
  const tail = createOutputTail(RESULT_BYTES_MAX + 1);
  return { ...given, plan, cancellation, volumes, scope, tail, roots: new Map() };
}

function warnAboutImages(plan: PodPlan, io: RunnerIo): void {
  const all = [...plan.init, ...plan.mains, ...plan.sidecars];
  for (const image of new Set(all.map((planned) => planned.container.image ?? ''))) {
    io.warn(
      { image },
      `image ${image} is not used: commands run as processes of this machine, which has to have ` +
        'the programs and files that the image would bring',
    );
  }
}

async function runContainers(pod: Pod): Promise<TaskOutcome> {
  for (const init of pod.plan.init) {
    const end = await runContainer(pod, init, pod.cancellation.signal);
    if (end.kind !== 'Exited' || end.code !== 0) return initOutcome(pod, end);
  }
  const sidecars = pod.plan.sidecars.map((sidecar) => runSidecar(pod, sidecar));
  const ends = await runMains(pod);
  for (const sidecar of sidecars) sidecar.stop();
  const sidecarEnds = await Promise.all(sidecars.map((sidecar) => sidecar.ended));
  const base = mainOutcome(pod, ends);
  const request = pod.cancellation.request();
  if (request !== undefined) return { ...base, ...cancelOutcome(request.reason) };
  if (base.phase !== 'Succeeded') return withOutputs(pod, base, { strict: false });
  const failed = sidecarEnds.find(isFailedSidecar);
  if (failed !== undefined) {
    return { ...base, phase: 'Failed', message: problemOf(failed) };
  }
  return withOutputs(pod, base, { strict: true });
}

function initOutcome(pod: Pod, end: ContainerEnd): TaskOutcome {
  const request = pod.cancellation.request();
  return request === undefined ? outcomeOf('Error', problemOf(end)) : cancelOutcome(request.reason);
}

function isFailedSidecar(end: ContainerEnd): boolean {
  if (end.kind === 'Exited') return !ENDED_SIDECAR_CODES.includes(end.code);
  return end.kind === 'NotStarted' || end.kind === 'Missing';
}

function problemOf(end: ContainerEnd): string {
  switch (end.kind) {
    case 'Exited':
      return exitMessage(end.name, end.code);
    case 'Missing':
    case 'NotStarted':
      return end.problem;
    case 'Left':
      return `${end.name}: not started, because a container it depends on failed`;
  }
}

/** What Argo's executor exits with when it cannot find the command. */
const PROGRAM_MISSING_EXIT_CODE = 64;

/** Phase, exit code and result by what the main containers did. */
function mainOutcome(pod: Pod, ends: readonly ContainerEnd[]): TaskOutcome {
  const main = ends.find((end) => end.name === MAIN) ?? ends.at(-1);
  const failed =
    ends.find((end) => end.kind === 'Missing' || (end.kind === 'Exited' && end.code !== 0)) ??
    ends.find((end) => end.kind === 'NotStarted');
  const phase =
    failed === undefined ? 'Succeeded' : failed.kind === 'NotStarted' ? 'Error' : 'Failed';
  return {
    ...outcomeOf(phase, failed === undefined ? undefined : problemOf(failed)),
    ...(main?.kind === 'Exited' ? { exitCode: main.code } : {}),
    ...(main?.kind === 'Missing' ? { exitCode: PROGRAM_MISSING_EXIT_CODE } : {}),
    ...(pod.task.captureResult ? { result: resultOf(pod.tail) } : {}),
  };
}

/** One newline is dropped first, so that the last 256 kB before it are kept. */
function resultOf(tail: OutputTail): string {
  const text = withoutFinalNewline(tail.text());
  return Buffer.byteLength(text) <= RESULT_BYTES_MAX ? text : lastBytes(text);
}

function lastBytes(text: string): string {
  const tail = createOutputTail(RESULT_BYTES_MAX);
  tail.push(Buffer.from(text));
  return tail.text();
}

/**
 * Adds output parameters and artifacts. After a failure of the program what is there is taken; after a
 * success what is missing makes the task an Error.
 */
async function withOutputs(
  pod: Pod,
  base: TaskOutcome,
  mode: { readonly strict: boolean },
): Promise<TaskOutcome> {
  const root = pod.roots.get(MAIN);
  const { outputs } = pod.task.template;
  if (root === undefined || outputs === undefined) return base;
  try {
    const parameters = await readParameters(outputs.parameters ?? [], root);
    const access = { artifacts: pod.io.artifacts, scope: pod.scope };
    const artifacts = await saveArtifacts(outputs.artifacts ?? [], root, access);
    return { ...base, parameters, artifacts };
  } catch (thrown) {
    if (!mode.strict) return base;
    return { ...base, phase: 'Error', message: ArgosyError.fromUnknown(thrown).message };
  }
}

/** Runs the main containers, each as soon as those it depends on have succeeded. */
async function runMains(pod: Pod): Promise<readonly ContainerEnd[]> {
  const running = new Map<string, Promise<ContainerEnd>>();
  const start = (planned: PlannedContainer): Promise<ContainerEnd> => {
    const known = running.get(planned.name);
    if (known !== undefined) return known;
    const end = after(planned);
    running.set(planned.name, end);
    return end;
  };
  const after = async (planned: PlannedContainer): Promise<ContainerEnd> => {
    // The turn of the loop lets the map know this container before its dependencies are looked up.
    await Promise.resolve();
    const needed = pod.plan.mains.filter((other) => planned.dependencies.includes(other.name));
    const ends = await Promise.all(needed.map(start));
    const ready = ends.every((end) => end.kind === 'Exited' && end.code === 0);
    return ready
      ? runContainer(pod, planned, pod.cancellation.signal)
      : { kind: 'Left', name: planned.name };
  };
  return Promise.all(pod.plan.mains.map(start));
}
