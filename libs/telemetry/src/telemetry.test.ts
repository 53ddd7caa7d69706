// Covers logs, metrics, trace context and the span file. Leaves out OTLP over the network.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createLogger,
  createMetrics,
  createSpanFile,
  createTracing,
  formatTraceparent,
  parseTraceparent,
  traceFields,
} from './index.ts';

const directories: string[] = [];

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'argosy-telemetry-'));
  directories.push(directory);
  return directory;
}

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

describe('the log', () => {
  it('writes JSON lines that name the service', () => {
    const lines: string[] = [];
    const logger = createLogger({
      name: 'gateway',
      pretty: false,
      destination: { write: (line) => lines.push(line) },
    });
    logger.info({ trace_id: 'abc' }, 'ready');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      service: 'gateway',
      trace_id: 'abc',
      msg: 'ready',
    });
  });

  it('masks secrets', () => {
    const lines: string[] = [];
    const logger = createLogger({ name: 'x', destination: { write: (line) => lines.push(line) } });
    logger.info({ token: 's3cret', headers: { authorization: 'Bearer s3cret' } }, 'request');
    expect(lines.join('')).not.toContain('s3cret');
  });
});

describe('metrics', () => {
  it('gives the same instrument for the same name', () => {
    const metrics = createMetrics();
    const spec = { kind: 'counter', name: 'a_total', help: 'A.' } as const;
    expect(metrics.instrument(spec)).toBe(metrics.instrument(spec));
  });

  it('starts counters without labels at zero', async () => {
    const metrics = createMetrics();
    metrics.instrument({ kind: 'counter', name: 'a_total', help: 'A.' });
    expect(await metrics.render()).toContain('a_total 0');
  });

  it('records into histograms', async () => {
    const metrics = createMetrics();
    metrics
      .instrument({ kind: 'histogram', name: 'h_seconds', help: 'H.', labels: ['kind'] })
      .observe(0.2, { kind: 'x' });
    expect(await metrics.render()).toContain('h_seconds_count{kind="x"} 1');
  });
});

describe('traces', () => {
  it('reads back the traceparent that it wrote', () => {
    const text = formatTraceparent({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      sampled: true,
    });
    const context = parseTraceparent(text);
    expect(context && formatTraceparent(context)).toBe(text);
    expect(traceFields(text)).toEqual({ trace_id: '0af7651916cd43dd8448eb211c80319c' });
    expect(traceFields('00-abc')).toEqual({});
  });

  it.each([undefined, '', '00-abc', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`])(
    'begins a new trace after the malformed traceparent %j',
    (text) => {
      expect(parseTraceparent(text)).toBeUndefined();
    },
  );

  it('keeps a child span in the trace of its parent, in the span file', async () => {
    const path = join(temporaryDirectory(), 'spans.jsonl');
    const tracing = createTracing({
      serviceName: 'sensor',
      exporters: [createSpanFile(path)],
      immediate: true,
    });
    const parent = tracing.startSpan('webhook');
    const child = tracing.startSpan('trigger', {
      parent: parent.traceparent,
      attributes: { workflow: 'x' },
    });
    child.end(new Error('refused'));
    parent.end();
    await tracing.shutdown();
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    const spans = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(spans[0]).toMatchObject({
      name: 'trigger',
      traceId: parent.traceId,
      service: 'sensor',
      error: 'refused',
      attributes: { workflow: 'x' },
    });
    expect(spans[1]).not.toHaveProperty('parentSpanId');
  });
});
