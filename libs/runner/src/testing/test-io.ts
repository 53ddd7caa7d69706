import { ArgosyError } from '@argosy/base';
import type { Artifact, Template } from '@argosy/model';
import type { CancelReason, KeyedBytes, RunnerIo, RunnerTask } from '../types.ts';

/** A RunnerIo that remembers everything, with ConfigMaps, Secrets and an artifact store in memory. */
export interface TestIo {
  readonly io: RunnerIo;
  cancel(reason: CancelReason, graceMs: number): void;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly warnings: readonly string[];
  readonly progress: readonly string[];
  readonly runningCalls: () => number;
}

export interface TestIoOptions {
  readonly directory: string;
  readonly configMaps?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly artifacts?: RunnerIo['artifacts'];
  /** Called for every chunk, e.g. to be slow. */
  readonly onLog?: (chunk: Uint8Array) => Promise<void> | undefined;
}

export function createTestIo(options: TestIoOptions): TestIo {
  const controller = new AbortController();
  const chunks: Record<'stdout' | 'stderr', Uint8Array[]> = { stdout: [], stderr: [] };
  const warnings: string[] = [];
  const progress: string[] = [];
  let running = 0;
  const textOf = (stream: 'stdout' | 'stderr') => () => Buffer.concat(chunks[stream]).toString();
  return {
    warnings,
    progress,
    stdout: textOf('stdout'),
    stderr: textOf('stderr'),
    runningCalls: () => running,
    cancel: (reason, graceMs) => controller.abort({ reason, graceMs }),
    io: {
      signal: controller.signal,
      directory: options.directory,
      log: (stream, _container, chunk) => {
        if (options.onLog !== undefined) return options.onLog(chunk);
        chunks[stream].push(chunk);
        return undefined;
      },
      progress: (text) => progress.push(text),
      running: () => (running += 1),
      warn: (_fields, message) => warnings.push(message),
      artifacts: options.artifacts ?? noArtifacts,
      resources: {
        configMap: (_namespace, name) => Promise.resolve(bytesOf(options.configMaps?.[name])),
        secret: (_namespace, name) => Promise.resolve(bytesOf(options.secrets?.[name])),
      },
    },
  };
}

function bytesOf(data: Readonly<Record<string, string>> | undefined): KeyedBytes | undefined {
  if (data === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, new TextEncoder().encode(value)]),
  );
}

/** For tests that move no artifacts. */
const noArtifacts: RunnerIo['artifacts'] = {
  load: (artifact) => Promise.reject(missing(artifact)),
  save: (artifact) => Promise.reject(missing(artifact)),
  list: (artifact) => Promise.reject(missing(artifact)),
};

function missing(artifact: Artifact): ArgosyError {
  return new ArgosyError('NOT_FOUND', `no store for "${artifact.name}" in this test`);
}

let taskCount = 0;

/** A task of a template, as the scheduler would send it. */
export function testTask(template: Template, changes: Partial<RunnerTask> = {}): RunnerTask {
  taskCount += 1;
  return {
    taskId: `uid-node-${taskCount}-0`,
    uid: 'uid',
    namespace: 'default',
    workflow: 'test-workflow',
    nodeId: 'test-workflow-123',
    nodeName: 'test-workflow',
    podName: 'test-workflow-pod',
    templateName: 'test',
    attempt: 0,
    template,
    captureResult: true,
    ...changes,
  };
}
