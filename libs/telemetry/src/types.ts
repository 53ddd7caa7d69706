import type { Logger as PinoLogger } from 'pino';

/** Structured log; `logger.info({workflow: 'x'}, 'workflow started')`. Secrets never go in. */
export type Logger = PinoLogger;

/** A counter, gauge or histogram with labels. */
export interface Instrument {
  /** Adds to a counter or gauge. */
  add(value: number, labels?: Readonly<Record<string, string>>): void;
  /** Sets a gauge. */
  set(value: number, labels?: Readonly<Record<string, string>>): void;
  /** Records into a histogram. */
  observe(value: number, labels?: Readonly<Record<string, string>>): void;
}

export interface InstrumentSpec {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
}

/** The metrics of one process, in Prometheus' text form. */
export interface Metrics {
  /** The instrument of that name; made at the first call, the same one at later calls. */
  instrument(spec: InstrumentSpec): Instrument;
  render(): Promise<string>;
  /** Metrics that are kept elsewhere: their text, whole lines, follows that of the instruments. */
  addSource(render: () => string): void;
}

/** One operation of a trace. */
export interface Span {
  /** W3C trace context to put on messages sent within this span. */
  readonly traceparent: string;
  readonly traceId: string;
  setAttribute(name: string, value: string | number | boolean): void;
  /** Ends the span; with an error it is marked as failed. */
  end(error?: unknown): void;
}

export interface Tracing {
  /** Starts a span, child of `parent` (a traceparent) or the root of a new trace. */
  startSpan(
    name: string,
    options?: {
      readonly parent?: string | undefined;
      readonly attributes?: Readonly<Record<string, string | number | boolean>>;
    },
  ): Span;
  shutdown(): Promise<void>;
}
