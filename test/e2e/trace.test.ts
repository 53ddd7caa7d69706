// Covers the one trace that leads from a webhook to the tasks that it starts, as the span file keeps it. Leaves out
// collectors: the spans are the same.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SpanLine } from '@argosy/telemetry';
import { temporaryDirectory } from '@argosy/testkit';
import { expect, it } from 'vitest';
import { argosy } from './support/command.ts';

function spansOf(home: string): readonly SpanLine[] {
  return readFileSync(join(home, 'traces', 'spans.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as SpanLine);
}

/** A span with those of its ancestors, its own name first. */
function lineage(span: SpanLine, spans: readonly SpanLine[]): readonly string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return [span.name, ...(parent === undefined ? [] : lineage(parent, spans))];
}

it('one trace leads from the webhook over event, sensor and workflow to every task', async () => {
  const home = await temporaryDirectory('argosy-trace-');
  const demo = ['demo', '--once', '--port', '0', '--grpc-port', '0'];
  const end = await argosy(demo, { home: home.path });
  expect(end.code, end.stdout + end.stderr).toBe(0);

  const spans = spansOf(home.path);
  await home.remove();
  const [root, ...others] = spans.filter(({ parentSpanId }) => parentSpanId === undefined);
  expect(root?.name).toBe('event orders/orders');
  expect(others).toEqual([]);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);

  const tasks = spans.filter(({ name }) => name.startsWith('task '));
  const names = tasks.map(({ name }) => name).sort();
  expect(names).toEqual(
    ['check', 'farewell', 'pack', 'pack', 'pack', 'ship'].map((n) => `task ${n}`),
  );
  for (const task of tasks) {
    expect(lineage(task, spans)).toEqual([
      task.name,
      'workflow',
      'trigger process-order',
      'event orders/orders',
    ]);
    expect(task.durationMs).toBeGreaterThan(0);
  }
});
