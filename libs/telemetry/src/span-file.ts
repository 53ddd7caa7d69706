import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';

/** Bytes after which the file is set aside as `<file>.1` (one older file is kept). */
const SPAN_FILE_BYTES_MAX = 16 * 1024 * 1024;

/** One line of the file. */
export interface SpanLine {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly service: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly error?: string;
}

/**
 * Keeps finished spans as JSON lines in a file of bounded size, so that a laptop without a collector has
 * the traces too. A disk error drops the batch: tracing never stops the work.
 */
export function createSpanFile(path: string): SpanExporter {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return {
    export(spans, done) {
      try {
        rotateWhenFull(path);
        appendFileSync(path, spans.map((span) => `${JSON.stringify(toLine(span))}\n`).join(''));
        done({ code: 0 });
      } catch (thrown) {
        done({ code: 1, error: thrown instanceof Error ? thrown : new Error(String(thrown)) });
      }
    },
    shutdown: () => Promise.resolve(),
  };
}

function rotateWhenFull(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > SPAN_FILE_BYTES_MAX) renameSync(path, `${path}.1`);
}

function toLine(span: ReadableSpan): SpanLine {
  const { traceId, spanId } = span.spanContext();
  const parentSpanId = span.parentSpanContext?.spanId;
  return {
    traceId,
    spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    name: span.name,
    service: String(span.resource.attributes['service.name'] ?? ''),
    startMs: toMs(span.startTime),
    durationMs: toMs(span.duration),
    attributes: span.attributes,
    ...(span.status.message === undefined ? {} : { error: span.status.message }),
  };
}

function toMs([seconds, nanoseconds]: readonly [number, number]): number {
  return seconds * 1_000 + nanoseconds / 1e6;
}
