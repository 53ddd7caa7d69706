import type { SecretSelector } from '../driver.ts';
import { PAYLOAD_BYTES_DEFAULT } from './limits.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** How one event of the HTTP family is reached. */
export interface HttpSettings {
  readonly endpoint: string;
  readonly port: number;
  readonly method: string;
  readonly payloadBytesMax: number;
  /** The bearer token that requests must carry. */
  readonly authSecret: SecretSelector | undefined;
  /** Where the provider reaches this service, without the endpoint. */
  readonly url: string | undefined;
}

/** Most that one request may be set to carry; the bus takes no larger messages. */
const PAYLOAD_BYTES_MAX = 7 * 1_048_576;

/** Reads the fields that all of the HTTP family share; what is wrong goes to `problems`. */
export function parseHttpSettings(value: Fields, problems: string[]): HttpSettings {
  const endpoint = parseEndpoint(value['endpoint'], problems);
  const port = parsePort(value['port'], problems);
  const payloadBytesMax = parsePayloadSize(value['maxPayloadSize'], problems);
  const authSecret = selectorField(value, 'authSecret', problems);
  const method = value['method'] ?? 'POST';
  if (typeof method !== 'string') problems.push('method must be text such as POST');
  for (const field of ['serverCertSecret', 'serverKeySecret']) {
    if (value[field] !== undefined) {
      problems.push(`${field} is not supported here; let a proxy end TLS, or use the gateway`);
    }
  }
  return {
    endpoint,
    port,
    method: String(method).toUpperCase(),
    payloadBytesMax,
    authSecret,
    url: parseUrl(value['url'], problems),
  };
}

/** Where a provider sends its requests: `url` followed by the endpoint. */
export function publicUrl(http: Pick<HttpSettings, 'url' | 'endpoint'>): string | undefined {
  return http.url === undefined ? undefined : `${http.url.replace(/\/+$/, '')}${http.endpoint}`;
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

function parseUrl(value: unknown, problems: string[]): string | undefined {
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string' && isHttpUrl(value)) return value;
  problems.push('url must be an http or https address such as https://hooks.example.com');
  return undefined;
}

export function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** A field that names a key of a Secret, or undefined when it is absent. */
export function selectorField(
  fields: Fields,
  name: string,
  problems: string[],
): SecretSelector | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (isFields(value) && typeof value['name'] === 'string' && typeof value['key'] === 'string') {
    return { name: value['name'], key: value['key'] };
  }
  problems.push(`${name} must name a Secret and one of its keys: {name, key}`);
  return undefined;
}

/** A text field; the default (none by default) when it is absent or empty. */
export function textField(fields: Fields, name: string, problems: string[], fallback = ''): string {
  const value = fields[name];
  if (value === undefined || value === null || value === '') return fallback;
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  problems.push(`${name} must be text`);
  return fallback;
}

/** A list of texts; empty when it is absent. */
export function textsField(fields: Fields, name: string, problems: string[]): readonly string[] {
  const value = fields[name];
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  problems.push(`${name} must be a list of texts`);
  return [];
}

/** A list of maps; empty when it is absent. */
export function fieldsListField(
  fields: Fields,
  name: string,
  problems: string[],
): readonly Fields[] {
  const value = fields[name];
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every(isFields)) return value;
  problems.push(`${name} must be a list of maps`);
  return [];
}

export function flagField(
  fields: Fields,
  name: string,
  problems: string[],
  fallback = false,
): boolean {
  const value = fields[name];
  if (value === undefined || value === null) return fallback;
  if (typeof value === 'boolean') return value;
  problems.push(`${name} must be true or false`);
  return fallback;
}

/** The base address of a provider's API, without a slash at its end. */
export function baseUrlField(
  fields: Fields,
  name: string,
  problems: string[],
  fallback: string,
): string {
  const text = textField(fields, name, problems, fallback);
  if (text !== '' && !isHttpUrl(text)) problems.push(`${name} must be an http or https address`);
  return text.replace(/\/+$/, '');
}

/** `metadata`, copied into each event; values that are not texts as JSON. */
export function metadataField(
  fields: Fields,
  problems: string[],
): Readonly<Record<string, string>> | undefined {
  const metadata = fields['metadata'];
  if (metadata === undefined || metadata === null) return undefined;
  if (!isFields(metadata)) {
    problems.push('metadata must be a map');
    return undefined;
  }
  const texts = Object.entries(metadata).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return Object.fromEntries(texts) as Readonly<Record<string, string>>;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
