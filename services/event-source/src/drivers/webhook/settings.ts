import { PAYLOAD_BYTES_DEFAULT } from '../http/limits.ts';
import type { SecretSelector } from '../driver.ts';

/** The settings of one webhook event, checked and with defaults. */
export interface WebhookSettings {
  readonly endpoint: string;
  readonly port: number;
  readonly method: string;
  readonly payloadBytesMax: number;
  readonly authSecret: SecretSelector | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

export type ParsedSettings =
  | { readonly kind: 'Valid'; readonly settings: WebhookSettings }
  | { readonly kind: 'Invalid'; readonly problems: readonly string[] };

/** Most that one request may be set to carry; the bus takes no larger messages. */
const PAYLOAD_BYTES_MAX = 7 * 1_048_576;

/** Reads `spec.webhook.<event>`. */
export function parseWebhookSettings(value: unknown): ParsedSettings {
  if (!isRecord(value)) return { kind: 'Invalid', problems: ['the settings must be a map'] };
  const problems: string[] = [];
  const endpoint = parseEndpoint(value['endpoint'], problems);
  const port = parsePort(value['port'], problems);
  const payloadBytesMax = parsePayloadSize(value['maxPayloadSize'], problems);
  const authSecret = parseSelector(value['authSecret'], problems);
  const method = value['method'] ?? 'POST';
  if (typeof method !== 'string') problems.push('method must be text such as POST');
  for (const field of ['serverCertSecret', 'serverKeySecret']) {
    if (value[field] !== undefined) {
      problems.push(`${field} is not supported here; let a proxy end TLS, or use the gateway`);
    }
  }
  const metadata = value['metadata'];
  if (metadata !== undefined && !isRecord(metadata)) problems.push('metadata must be a map');
  if (problems.length > 0) return { kind: 'Invalid', problems };
  const settings: WebhookSettings = {
    endpoint,
    port,
    method: String(method).toUpperCase(),
    payloadBytesMax,
    authSecret,
    metadata: isRecord(metadata) ? textMap(metadata) : undefined,
  };
  return { kind: 'Valid', settings };
}

function parseEndpoint(value: unknown, problems: string[]): string {
  if (typeof value !== 'string' || value === '') {
    problems.push('endpoint is missing; set the path to listen on, such as /orders');
    return '/';
  }
  const endpoint = value.startsWith('/') ? value : `/${value}`;
  if (endpoint === '/health') problems.push('the endpoint /health is taken by the health check');
  return endpoint;
}

function parsePort(value: unknown, problems: string[]): number {
  const port = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536) return port;
  problems.push(
    value === undefined
      ? 'port is missing; set the port to listen on, such as "12000"'
      : `port must be a number from 1 to 65535, not ${JSON.stringify(value)}`,
  );
  return 0;
}

function parsePayloadSize(value: unknown, problems: string[]): number {
  if (value === undefined || value === 0) return PAYLOAD_BYTES_DEFAULT;
  if (typeof value === 'number' && value > 0 && value <= PAYLOAD_BYTES_MAX) return value;
  problems.push(`maxPayloadSize must be a number of bytes from 1 to ${PAYLOAD_BYTES_MAX}`);
  return PAYLOAD_BYTES_DEFAULT;
}

function parseSelector(value: unknown, problems: string[]): SecretSelector | undefined {
  if (value === undefined) return undefined;
  if (isRecord(value) && typeof value['name'] === 'string' && typeof value['key'] === 'string') {
    return { name: value['name'], key: value['key'] };
  }
  problems.push('authSecret must name a Secret and one of its keys: {name, key}');
  return undefined;
}

function textMap(map: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const texts = Object.entries(map).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return Object.fromEntries(texts) as Readonly<Record<string, string>>;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
