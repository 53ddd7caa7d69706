import { err, ok, type Result } from '@argosy/base';
import type { TokenCredential } from '@azure/identity';
import { secretOf, textOf, type Settings } from './call-settings.ts';
import type { TriggerCall, TriggerOutcome, ValueLookup } from './trigger.ts';

/** How a namespace of Azure is reached: with keys, or by its host name as who this process is. */
export type AzureAccess =
  | { readonly kind: 'ConnectionString'; readonly text: string }
  | { readonly kind: 'Identity'; readonly host: string };

interface Scope {
  readonly call: TriggerCall;
  readonly values: ValueLookup;
}

/** The tries of the clients themselves; the sensor's retryStrategy is about the others. */
export const AZURE_RETRIES = { maxRetries: 0, timeoutInMs: 20_000 } as const;

/**
 * Reads `connectionString`, or the field with the host and the keys beside it, or the host alone. The error is
 * a sentence.
 */
export function azureAccessOf(
  settings: Settings,
  hostField: string,
  scope: Scope,
): Result<AzureAccess, string> {
  const { connectionString, sharedAccessKey, sharedAccessKeyName } = settings;
  if (isSet(connectionString)) {
    const text = secretOf(connectionString, 'connectionString', scope);
    return text.ok ? ok({ kind: 'ConnectionString', text: text.value.trim() }) : text;
  }
  const host = textOf(settings[hostField]);
  // It is an address that is given keys or a token.
  if (host === undefined || !/^[A-Za-z0-9][A-Za-z0-9.-]*(:\d+)?$/.test(host)) {
    return err(`${hostField} must be a host name such as shop.servicebus.windows.net`);
  }
  if (!isSet(sharedAccessKey) && !isSet(sharedAccessKeyName)) return ok({ kind: 'Identity', host });
  const name = secretOf(sharedAccessKeyName, 'sharedAccessKeyName', scope);
  if (!name.ok) return name;
  const key = secretOf(sharedAccessKey, 'sharedAccessKey', scope);
  if (!key.ok) return key;
  const keys = `SharedAccessKeyName=${name.value.trim()};SharedAccessKey=${key.value.trim()}`;
  return ok({ kind: 'ConnectionString', text: `Endpoint=sb://${host}/;${keys}` });
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Who this process is: environment, workload identity, managed identity or a login, in that order. */
export async function azureIdentity(): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new DefaultAzureCredential();
}

/** Makes a client of a connection string. The clients' own messages may quote it, so they are not told. */
export function fromConnectionString<Client>(make: () => Client): Client {
  try {
    return make();
  } catch {
    throw new Error('connectionString: the Secret holds no connection string of this service');
  }
}

/** What an error of a client means for the trigger, in one line. */
export function azureOutcome(thrown: unknown, call: TriggerCall): TriggerOutcome {
  if (call.signal.aborted) return { kind: 'BusAway', reason: 'the sensor is stopping' };
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return { kind: 'Failed', reason: `Azure: ${text.split('\n')[0] ?? ''}` };
}
