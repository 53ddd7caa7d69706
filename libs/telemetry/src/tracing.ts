import {
  ROOT_CONTEXT,
  SpanStatusCode,
  TraceFlags,
  trace,
  type Span as OtelSpan,
} from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import { formatTraceparent, parseTraceparent } from './trace-context.ts';
import type { Span, Tracing } from './types.ts';

export interface TracingOptions {
  /** `service.name` of the resource. */
  readonly serviceName: string;
  /** Where finished spans go; none = ids still travel, nothing is kept. */
  readonly exporters?: readonly SpanExporter[];
  /** Export each span at once (tests, short-lived processes) instead of in batches. Default false. */
  readonly immediate?: boolean;
}

/** Spans of one process. The context travels in messages as `traceparent`; nothing is kept in globals. */
export function createTracing(options: TracingOptions): Tracing {
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': options.serviceName }),
    spanProcessors: (options.exporters ?? []).map((exporter) =>
      options.immediate === true
        ? new SimpleSpanProcessor(exporter)
        : new BatchSpanProcessor(exporter),
    ),
  });
  const tracer = provider.getTracer('argosy');
  return {
    startSpan(name, spanOptions = {}) {
      const parent = parseTraceparent(spanOptions.parent);
      const context =
        parent === undefined
          ? ROOT_CONTEXT
          : trace.setSpanContext(ROOT_CONTEXT, {
              traceId: parent.traceId,
              spanId: parent.spanId,
              traceFlags: parent.sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
              isRemote: true,
            });
      return wrap(tracer.startSpan(name, { attributes: { ...spanOptions.attributes } }, context));
    },
    shutdown: () => provider.shutdown(),
  };
}

function wrap(span: OtelSpan): Span {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const sampled = (traceFlags & TraceFlags.SAMPLED) === TraceFlags.SAMPLED;
  return {
    traceId,
    traceparent: formatTraceparent({ traceId, spanId, sampled }),
    setAttribute: (name, value) => {
      span.setAttribute(name, value);
    },
    end: (error) => {
      if (error !== undefined) {
        const message = error instanceof Error ? error.message : String(error);
        span.setStatus({ code: SpanStatusCode.ERROR, message });
      }
      span.end();
    },
  };
}
