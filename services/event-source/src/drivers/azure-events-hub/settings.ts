import type { SecretSelector } from '../driver.ts';
import { metadataField, selectorField, textField, type Fields } from '../http/settings.ts';

/** How the namespace is reached. */
export type EventsHubAccount =
  | { readonly kind: 'ConnectionString'; readonly secret: SecretSelector }
  | {
      readonly kind: 'Keys';
      readonly fqdn: string;
      readonly name: SecretSelector;
      readonly key: SecretSelector;
    }
  /** As who this process is. */
  | { readonly kind: 'Identity'; readonly fqdn: string };

export interface AzureEventsHubSettings {
  readonly account: EventsHubAccount;
  readonly hubName: string;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

/** Reads `spec.azureEventsHub.<event>`; `connectionString` is a field of Argosy's own. */
export function parseAzureEventsHubSettings(
  fields: Fields,
  problems: string[],
): AzureEventsHubSettings {
  const hubName = textField(fields, 'hubName', problems);
  if (hubName === '') problems.push('hubName is missing; name the event hub to read');
  const metadata = metadataField(fields, problems);
  return { account: parseAccount(fields, problems), hubName, metadata };
}

function parseAccount(fields: Fields, problems: string[]): EventsHubAccount {
  const secret = selectorField(fields, 'connectionString', problems);
  if (secret !== undefined) return { kind: 'ConnectionString', secret };
  const fqdn = textField(fields, 'fqdn', problems);
  // It is an address that is given keys or a token.
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]*(:\d+)?$/.test(fqdn)) {
    problems.push('fqdn must be a host name such as shop.servicebus.windows.net');
  }
  const name = selectorField(fields, 'sharedAccessKeyName', problems);
  const key = selectorField(fields, 'sharedAccessKey', problems);
  if (name !== undefined && key !== undefined) return { kind: 'Keys', fqdn, name, key };
  if (name !== key) problems.push('sharedAccessKeyName and sharedAccessKey go together');
  return { kind: 'Identity', fqdn };
}
