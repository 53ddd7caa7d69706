import type { SpanExporter } from '@opentelemetry/sdk-trace-base';

/**
 * The OTLP/HTTP exporter, configured by OpenTelemetry's own variables (OTEL_EXPORTER_OTLP_ENDPOINT …).
 * Loaded only when asked for: it costs memory that a laptop run does not need.
 */
export async function loadOtlpExporter(): Promise<SpanExporter> {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  return new OTLPTraceExporter();
}
