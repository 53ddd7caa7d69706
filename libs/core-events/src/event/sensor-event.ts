import { base64Encode, goJson, utf8Bytes } from '@argosy/lang';
import { err, ok, type Result } from '@argosy/base';
import { yamlToJson } from '@argosy/model';

/** A CloudEvent as the rules see it. Plain JSON, so it can be kept in a state. */
export interface SensorEvent {
  readonly id: string;
  /** The name of the EventSource. */
  readonly source: string;
  /** The kind of source: `webhook`, `calendar` … */
  readonly type: string;
  /** The name of the event within its source. */
  readonly subject?: string;
  /** RFC 3339. */
  readonly time?: string;
  readonly datacontenttype?: string;
  readonly specversion?: string;
  /** The payload's exact text; absent means that there is no payload at all. */
  readonly dataText?: string;
}

/** The attributes as JSON, in the order Argo Events writes them. */
export function contextJson(event: SensorEvent): string {
  const attributes: readonly (readonly [string, string])[] = [
    ['id', event.id],
    ['source', event.source],
    ['specversion', event.specversion ?? '1.0'],
    ['type', event.type],
    ['datacontenttype', event.datacontenttype ?? 'application/json'],
    ['subject', event.subject ?? ''],
    ['time', event.time ?? ''],
  ];
  return `{${attributes.map(([name, value]) => `"${name}":${goJson(value)}`).join(',')}}`;
}

/** The whole event as JSON: `context`, and `data` in Base64 as Go marshals bytes. */
export function eventJson(event: SensorEvent): string {
  const data =
    event.dataText === undefined ? 'null' : `"${base64Encode(utf8Bytes(event.dataText))}"`;
  return `{"context":${contextJson(event)},"data":${data}}`;
}

/** True for one well-formed JSON value. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The payload as JSON text: JSON as it is, YAML converted.
 * @returns an error for another content type and for text that is none of its type.
 */
export function dataAsJson(event: SensorEvent): Result<string, string> {
  const text = event.dataText ?? '';
  const type = event.datacontenttype ?? 'application/json';
  if (type === 'application/json') {
    return isJson(text) ? ok(text) : err('event data is not valid JSON');
  }
  if (type === 'application/yaml') return yamlToJson(text);
  return err(`unsupported event content type: ${type}`);
}

/** The payload as a JSON object; scripts and jq take nothing else. */
export function dataObject(event: SensorEvent): Result<Readonly<Record<string, unknown>>, string> {
  const text = event.dataText ?? '';
  if (!isJson(text)) return err('event data not valid JSON');
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return err('event data is not a JSON object');
  }
  return ok({ ...value });
}
