import type { Task, TaskReport as Report } from '@argosy/core-workflow';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { timestampFromMs, timestampMs, type Timestamp } from '@bufbuild/protobuf/wkt';
import {
  TaskReport_Kind,
  TaskReportSchema,
  TaskSchema,
  type TaskReport as WireReport,
} from './gen/argosy/workflow/v1/task_pb.js';

/** A task as the data of an `argosy.workflow.task.v1` event. */
export function encodeTask(task: Task): Uint8Array {
  return toBinary(
    TaskSchema,
    create(TaskSchema, {
      taskId: task.taskId,
      uid: task.uid,
      namespace: task.namespace,
      workflow: task.workflow,
      nodeId: task.nodeId,
      nodeName: task.nodeName,
      displayName: task.displayName,
      podName: task.podName,
      templateName: task.templateName,
      attempt: task.attempt,
      templateJson: jsonBytes(task.template),
      captureResult: task.captureResult,
      priority: task.priority,
      ...(task.deadlineAtMs === undefined ? {} : { deadline: timestampFromMs(task.deadlineAtMs) }),
    }),
  );
}

/**
 * Reads a task.
 * @throws Error when the bytes are no Task message.
 */
export function decodeTask(data: Uint8Array): Task {
  const wire = fromBinary(TaskSchema, data);
  return {
    taskId: wire.taskId,
    uid: wire.uid,
    namespace: wire.namespace,
    workflow: wire.workflow,
    nodeId: wire.nodeId,
    nodeName: wire.nodeName,
    displayName: wire.displayName,
    podName: wire.podName,
    templateName: wire.templateName,
    attempt: wire.attempt,
    template: parseJson<Task['template']>(wire.templateJson),
    captureResult: wire.captureResult,
    priority: wire.priority,
    ...(wire.deadline === undefined ? {} : { deadlineAtMs: timestampMs(wire.deadline) }),
  };
}

const KINDS = {
  Started: TaskReport_Kind.STARTED,
  Progress: TaskReport_Kind.PROGRESS,
  Finished: TaskReport_Kind.FINISHED,
} as const;

/** A report as the wire has it. */
export function reportToWire(report: Report): WireReport {
  return create(TaskReportSchema, {
    taskId: report.taskId,
    kind: KINDS[report.kind],
    phase: report.phase ?? '',
    message: report.message ?? '',
    parameters: { ...report.parameters },
    progress: report.progress ?? '',
    executor: report.executor ?? '',
    hostNodeName: report.hostNodeName ?? '',
    podIp: report.podIP ?? '',
    ...(report.exitCode === undefined ? {} : { exitCode: report.exitCode }),
    ...(report.result === undefined ? {} : { result: report.result }),
    ...(report.artifacts === undefined ? {} : { artifactsJson: jsonBytes(report.artifacts) }),
    ...(report.startedAtMs === undefined ? {} : { startedAt: timestampFromMs(report.startedAtMs) }),
    ...(report.finishedAtMs === undefined
      ? {}
      : { finishedAt: timestampFromMs(report.finishedAtMs) }),
  });
}

/** A report as the core takes it; a kind that this version does not know counts as Progress. */
export function reportFromWire(wire: WireReport): Report {
  const phase = wire.phase as NonNullable<Report['phase']> | '';
  return {
    taskId: wire.taskId,
    kind: kindOf(wire.kind),
    ...(phase === '' ? {} : { phase }),
    ...(wire.message === '' ? {} : { message: wire.message }),
    ...(wire.exitCode === undefined ? {} : { exitCode: wire.exitCode }),
    ...(wire.result === undefined ? {} : { result: wire.result }),
    ...(Object.keys(wire.parameters).length === 0 ? {} : { parameters: wire.parameters }),
    ...(wire.artifactsJson.length === 0
      ? {}
      : { artifacts: parseJson<NonNullable<Report['artifacts']>>(wire.artifactsJson) }),
    ...(wire.progress === '' ? {} : { progress: wire.progress }),
    ...placeOf(wire),
    ...instant('startedAtMs', wire.startedAt),
    ...instant('finishedAtMs', wire.finishedAt),
  };
}

function placeOf(wire: WireReport): Pick<Report, 'executor' | 'hostNodeName' | 'podIP'> {
  return {
    ...(wire.executor === '' ? {} : { executor: wire.executor }),
    ...(wire.hostNodeName === '' ? {} : { hostNodeName: wire.hostNodeName }),
    ...(wire.podIp === '' ? {} : { podIP: wire.podIp }),
  };
}

function kindOf(kind: TaskReport_Kind): Report['kind'] {
  if (kind === TaskReport_Kind.FINISHED) return 'Finished';
  return kind === TaskReport_Kind.STARTED ? 'Started' : 'Progress';
}

function instant<Name extends string>(
  name: Name,
  value: Timestamp | undefined,
): Partial<Record<Name, number>> {
  if (value === undefined) return {};
  return { [name]: timestampMs(value) } as Partial<Record<Name, number>>;
}

function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function parseJson<T>(bytes: Uint8Array): T {
  return JSON.parse(new TextDecoder().decode(bytes)) as T;
}
