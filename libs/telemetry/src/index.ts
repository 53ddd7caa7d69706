export { createLogger, type LoggerOptions } from './logger.ts';
export { createMetrics } from './metrics.ts';
export { loadOtlpExporter } from './otlp.ts';
export { createSpanFile, type SpanLine } from './span-file.ts';
export {
  formatTraceparent,
  parseTraceparent,
  traceFields,
  type TraceContext,
} from './trace-context.ts';
export { createTracing, type TracingOptions } from './tracing.ts';
export type * from './types.ts';
