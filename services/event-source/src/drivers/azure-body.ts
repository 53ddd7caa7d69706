/** The bytes of a body: those of its data; of a value the text, or its JSON when it is no text. */
export function azureBodyBytes(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  if (body === undefined || body === null) return new Uint8Array();
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
}

/** Clients of Azure put the trace where either name says. */
export function traceparentOf(
  properties: Readonly<Record<string, unknown>> | undefined,
): string | undefined {
  const value = properties?.['traceparent'] ?? properties?.['Diagnostic-Id'];
  return typeof value === 'string' ? value : undefined;
}
