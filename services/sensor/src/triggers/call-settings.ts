import { err, ok, type Result } from '@argosy/base';
import { isRecord, type TriggerCall, type ValueLookup } from './trigger.ts';

export type Settings = Readonly<Record<string, unknown>>;

/** The trigger's settings with its own `parameters` applied. The error is a sentence. */
export function appliedSettings(call: TriggerCall): Result<Settings, string> {
  const applied = call.apply(call.settings['parameters'], JSON.stringify(call.settings));
  return applied.ok ? ok(JSON.parse(applied.value) as Settings) : applied;
}

/** A text that is not empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A sentence for each field that is not set; the hints say what to do. */
export function requiredProblems(
  settings: Settings,
  required: Readonly<Record<string, string>>,
): readonly string[] {
  return Object.entries(required).flatMap(([field, hint]) => {
    const value = settings[field];
    const isSet = value !== undefined && value !== null && value !== '';
    return isSet ? [] : [`${field} is missing; ${hint}`];
  });
}

/** The value of a Secret that `{name, key}` under a field selects. The error is a sentence. */
export function secretOf(
  selector: unknown,
  field: string,
  scope: { readonly call: TriggerCall; readonly values: ValueLookup },
): Result<string, string> {
  if (!isRecord(selector)) return err(`${field} must name a secret: {name, key}`);
  const [name, key] = [String(selector['name']), String(selector['key'])];
  const value = scope.values.secret(scope.call.namespace, name, key);
  return value === undefined ? err(`${field}: the Secret ${name} has no key ${key}`) : ok(value);
}

/** The PEM texts that `tls` selects; undefined without `tls`. The error is a sentence. */
export function tlsTextsOf(
  tls: unknown,
  scope: { readonly call: TriggerCall; readonly values: ValueLookup },
): Result<TlsTexts | undefined, string> {
  if (!isRecord(tls)) return ok(undefined);
  const found: { ca?: string; cert?: string; key?: string } = {};
  for (const [field, name] of TLS_FIELDS) {
    if (tls[field] === undefined || tls[field] === null) continue;
    const value = secretOf(tls[field], `tls.${field}`, scope);
    if (!value.ok) return value;
    found[name] = value.value;
  }
  return ok(found);
}

/** PEM. */
export interface TlsTexts {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

const TLS_FIELDS = [
  ['caCertSecret', 'ca'],
  ['clientCertSecret', 'cert'],
  ['clientKeySecret', 'key'],
] as const;
