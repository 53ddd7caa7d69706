import { err, ok, type Result } from '@argosy/base';
import { isRecord, type TriggerCall, type ValueLookup } from './trigger.ts';

/** One HTTP request that a trigger makes. */
export interface HttpTriggerRequest {
  readonly url: URL;
  readonly method: string;
  /** Names as the user spelt them. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string | undefined;
  readonly timeoutMs: number;
  readonly tls: HttpTriggerTls | undefined;
}

export interface HttpTriggerTls {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly rejectUnauthorized: boolean;
}

const TIMEOUT_MS_DEFAULT = 60_000;

/** What is wrong with `template.http`; sentences. */
export function httpProblems(settings: Readonly<Record<string, unknown>>): readonly string[] {
  const problems: string[] = [];
  const { url, method, timeout, headers } = settings;
  if (typeof url !== 'string' || url === '') {
    problems.push('url is missing; set the address to call');
  }
  if (method !== undefined && !/^[A-Z]+$/.test(String(method))) {
    problems.push(`method must be one in capitals, such as POST, not ${JSON.stringify(method)}`);
  }
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout >= 0)) {
    problems.push('timeout must be a number of seconds');
  }
  if (headers !== undefined && !isRecord(headers)) problems.push('headers must be a map');
  return problems;
}

/** Puts the request together: parameters, headers, secrets, payload. The error is a sentence. */
export function httpRequestOf(
  call: TriggerCall,
  values: ValueLookup,
): Result<HttpTriggerRequest, string> {
  const applied = call.apply(call.settings['parameters'], JSON.stringify(call.settings));
  if (!applied.ok) return applied;
  const settings = JSON.parse(applied.value) as Readonly<Record<string, unknown>>;
  const url = typeof settings['url'] === 'string' ? urlOf(settings['url']) : undefined;
  if (url === undefined) return err(`"${String(settings['url'])}" is no http or https address`);
  const headers = headersOf(settings, call, values);
  if (!headers.ok) return headers;
  const body = bodyOf(settings['payload'], call);
  if (!body.ok) return body;
  const tls = tlsOf(settings['tls'], call, values);
  if (!tls.ok) return tls;
  const seconds = Number(settings['timeout'] ?? 0);
  return ok({
    url,
    method: typeof settings['method'] === 'string' ? settings['method'] : 'POST',
    headers: withTypeOfPayload(headers.value, body.value),
    body: body.value,
    timeoutMs: seconds > 0 ? seconds * 1_000 : TIMEOUT_MS_DEFAULT,
    tls: tls.value,
  });
}

function urlOf(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined;
}

function bodyOf(payload: unknown, call: TriggerCall): Result<string | undefined, string> {
  const isGiven = Array.isArray(payload) && payload.length > 0;
  return isGiven ? call.payload(payload) : ok(undefined);
}

function withTypeOfPayload(
  headers: ReadonlyMap<string, string>,
  body: string | undefined,
): ReadonlyMap<string, string> {
  const isTyped = Array.from(headers.keys()).some((name) => name.toLowerCase() === 'content-type');
  if (body === undefined || isTyped) return headers;
  return new Map([...headers, ['Content-Type', 'application/json']]);
}

type Settings = Readonly<Record<string, unknown>>;

/** In the order in which a later one wins: given, computed, secret, basic authentication, host. */
function headersOf(
  settings: Settings,
  call: TriggerCall,
  values: ValueLookup,
): Result<ReadonlyMap<string, string>, string> {
  const { headers, host } = settings;
  const all = new Map(Object.entries(isRecord(headers) ? headers : {}).map(textPair));
  for (const group of [computedHeaders, secureHeaders, basicAuthHeader]) {
    const found = group(settings, call, values);
    if (!found.ok) return found;
    for (const [name, value] of found.value) all.set(name, value);
  }
  if (typeof host === 'string' && host !== '') all.set('Host', host);
  return ok(all);
}

export type HeaderPairs = readonly (readonly [name: string, value: string])[];

function computedHeaders(settings: Settings, call: TriggerCall): Result<HeaderPairs, string> {
  const { dynamicHeaders } = settings;
  if (!Array.isArray(dynamicHeaders) || dynamicHeaders.length === 0) return ok([]);
  const computed = call.payload(dynamicHeaders);
  if (!computed.ok) return computed;
  const map: unknown = JSON.parse(computed.value);
  return ok(Object.entries(isRecord(map) ? map : {}).map(textPair));
}

/** `secureHeaders`: names with values out of Secrets and ConfigMaps. The error is a sentence. */
export function secureHeaders(
  settings: Settings,
  call: TriggerCall,
  values: ValueLookup,
): Result<HeaderPairs, string> {
  const pairs: (readonly [string, string])[] = [];
  const listed = Array.isArray(settings['secureHeaders']) ? settings['secureHeaders'] : [];
  for (const header of listed.filter(isRecord)) {
    const value = selected(header['valueFrom'], call, values);
    if (value === undefined) {
      return err(`secureHeaders: there is no value for ${JSON.stringify(header)}`);
    }
    pairs.push([String(header['name']), value]);
  }
  return ok(pairs);
}

function basicAuthHeader(
  settings: Settings,
  call: TriggerCall,
  values: ValueLookup,
): Result<HeaderPairs, string> {
  const { basicAuth } = settings;
  if (!isRecord(basicAuth)) return ok([]);
  const user = selected({ secretKeyRef: basicAuth['username'] }, call, values);
  const password = selected({ secretKeyRef: basicAuth['password'] }, call, values);
  if (user === undefined || password === undefined) {
    return err('basicAuth: a secret with the user name or the password is missing');
  }
  const token = Buffer.from(`${user}:${password}`).toString('base64');
  return ok([['Authorization', `Basic ${token}`]]);
}

function textPair([name, value]: [string, unknown]): [string, string] {
  return [name, typeof value === 'string' ? value : JSON.stringify(value)];
}

/** The value that a `secretKeyRef` or `configMapKeyRef` names. */
function selected(source: unknown, call: TriggerCall, values: ValueLookup): string | undefined {
  if (!isRecord(source)) return undefined;
  const { secretKeyRef, configMapKeyRef } = source;
  if (isRecord(secretKeyRef)) {
    const { name, key } = secretKeyRef;
    return values.secret(call.namespace, String(name), String(key));
  }
  if (isRecord(configMapKeyRef)) {
    const { name, key } = configMapKeyRef;
    return values.configMap(call.namespace, String(name), String(key));
  }
  return undefined;
}

function tlsOf(
  tls: unknown,
  call: TriggerCall,
  values: ValueLookup,
): Result<HttpTriggerTls | undefined, string> {
  if (!isRecord(tls)) return ok(undefined);
  const found = new Map<string, string | undefined>();
  for (const field of ['caCertSecret', 'clientCertSecret', 'clientKeySecret']) {
    if (tls[field] === undefined) continue;
    const value = selected({ secretKeyRef: tls[field] }, call, values);
    if (value === undefined) return err(`tls.${field}: there is no such secret`);
    found.set(field, value);
  }
  return ok({
    ca: found.get('caCertSecret'),
    cert: found.get('clientCertSecret'),
    key: found.get('clientKeySecret'),
    rejectUnauthorized: tls['insecureSkipVerify'] !== true,
  });
}
