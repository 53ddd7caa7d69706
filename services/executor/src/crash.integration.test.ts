// Covers what survives a kill -9, on a real NATS: of the executor with a task at work, and of the NATS server.
// Leaves out the other services, which have such tests of their own.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeCommand, encodeTask, EVENT_TYPES, STREAMS, taskSubject } from '@argosy/api';
import type { Bus, NatsBus } from '@argosy/bus';
import { createLogger, createMetrics, createTracing } from '@argosy/telemetry';
import {
  eventually,
  startTestNats,
  temporaryDirectory,
  type TemporaryDirectory,
  type TestNats,
} from '@argosy/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startExecutor } from './start-executor.ts';
import { applyTopologyAndConnect } from './testing/connect.ts';

const UID = '5d7d7f0c-6f0b-4e4f-8a43-2f8d8f6f2c55';
const EXECUTOR = fileURLToPath(new URL('testing/executor-process.ts', import.meta.url));

let nats: TestNats;
let bus: NatsBus;
let data: TemporaryDirectory;
let children: ChildProcess[] = [];

beforeEach(async () => {
  nats = await startTestNats();
  bus = await applyTopologyAndConnect(nats.url, nats.token, 'test');
  data = await temporaryDirectory();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await bus[Symbol.asyncDispose]();
  await nats.stop();
  await data.remove();
});

async function startProcess(replicaId: string): Promise<ChildProcess> {
  const args = [EXECUTOR, nats.url, nats.token, data.path, replicaId];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children = [...children, child];
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the executor ended with ${code}`)));
  });
  return child;
}

async function submit(script: string, number = 1): Promise<void> {
  const taskId = `${UID}_${number}_0`;
  const container = {
    image: 'alpine',
    command: ['sh', '-c', script],
    volumeMounts: [{ name: 'marks', mountPath: '/mnt/marks' }],
  };
  const volumes = [{ name: 'marks', hostPath: { path: data.path } }];
  const task = encodeTask({
    taskId,
    uid: UID,
    namespace: 'default',
    workflow: 'wf',
    nodeId: 'wf-1',
    nodeName: 'wf.a',
    displayName: 'a',
    podName: 'wf-a-1',
    templateName: 'a',
    attempt: 0,
    template: { name: 'a', container, volumes },
    captureResult: true,
    priority: 0,
  });
  const event = { id: taskId, source: '/test', type: EVENT_TYPES.task, data: task };
  await bus.publish({ subject: taskSubject('default', 'normal', taskId), event });
}

async function finishedReports(from: Bus): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const message of from.read(STREAMS.commands, 'cmd.workflow.>')) {
    const command = decodeCommand(message.event.data);
    if (command?.kind === 'Report' && command.report.kind === 'Finished') {
      found.push(`${command.report.phase} ${command.report.result ?? ''}`);
    }
  }
  return found;
}

function runningWith(text: string): number {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(text);
    } catch {
      return false;
    }
  }).length;
}

test('a killed executor leaves nothing running, and its task is run again', async () => {
  const first = await startProcess('replica-1');
  const mark = `88${process.pid}`;
  await submit(`echo x >> /mnt/marks/runs; [ $(wc -l < /mnt/marks/runs) -gt 1 ] || sleep ${mark}`);
  await eventually(() => expect(existsSync(join(data.path, 'runs'))).toBe(true));
  first.kill('SIGKILL');
  await eventually(() => expect(first.signalCode).toBe('SIGKILL'));
  expect(runningWith(`sleep ${mark}`)).toBeGreaterThan(0);
  await startProcess('replica-2');
  expect(runningWith(`sleep ${mark}`)).toBe(0);
  await eventually(async () => expect(await finishedReports(bus)).toEqual(['Succeeded ']), {
    timeoutMs: 30_000,
    intervalMs: 100,
  });
  expect(readFileSync(join(data.path, 'runs'), 'utf8')).toBe('x\nx\n');
});

test('a NATS server that is killed and restarted costs no task and doubles none', async () => {
  const logger = createLogger({ name: 'executor', level: 'silent' });
  const executor = await startExecutor(
    {
      bus,
      logger,
      replicaId: 'replica-1',
      metrics: createMetrics(),
      tracing: createTracing({ serviceName: 'executor' }),
      advertiseHost: '127.0.0.1',
    },
    { pool: 'default', partitions: 4, dataDirectory: data.path, concurrency: 4 },
  );
  for (let number = 1; number <= 10; number += 1) {
    await submit(`echo ${number} >> /mnt/marks/runs; sleep 0.5; echo ${number}`, number);
  }
  await eventually(() => expect(existsSync(join(data.path, 'runs'))).toBe(true));
  await nats.restart();
  await eventually(async () => expect(await finishedReports(bus)).toHaveLength(10), {
    timeoutMs: 40_000,
    intervalMs: 200,
  });
  const runs = readFileSync(join(data.path, 'runs'), 'utf8').trim().split('\n').map(Number);
  expect(runs.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  await executor.stop(2_000);
});
