import { ArgosyError } from '@argosy/base';
import type { TokenCredential } from '@azure/identity';
import type { DriverContext, SecretSelector } from './driver.ts';
import { secretOf } from './http/secret-value.ts';
import { selectorField, textField, type Fields } from './http/settings.ts';

/** How a service of Azure is reached: by a string that holds the keys, or by name as who this process is. */
export type AzureAccount =
  | { readonly kind: 'ConnectionString'; readonly secret: SecretSelector }
  /** `name` is what the field holds: a host, or the first part of one. */
  | { readonly kind: 'Identity'; readonly name: string };

/** Reads `connectionString`, or the field with the account's name, which a connection string makes idle. */
export function parseAzureAccount(
  fields: Fields,
  nameField: string,
  problems: string[],
): AzureAccount {
  const secret = selectorField(fields, 'connectionString', problems);
  const name = textField(fields, nameField, problems);
  if (secret !== undefined) return { kind: 'ConnectionString', secret };
  // It becomes part of an address that is given a token.
  if (!/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d+)?$/.test(name)) {
    problems.push(
      name === ''
        ? `connectionString is missing; name its Secret: {name, key}, or set ${nameField}`
        : `${nameField} must be a name without a scheme and a path`,
    );
  }
  return { kind: 'Identity', name };
}

/** What a client is made of; to be compared, never shown. */
export type AzureAccess =
  | { readonly kind: 'ConnectionString'; readonly text: string }
  | { readonly kind: 'Identity'; readonly name: string };

/** The account with the value of its Secret. @throws ArgosyError when there is none. */
export function azureAccessOf(account: AzureAccount, context: DriverContext): AzureAccess {
  if (account.kind === 'Identity') return account;
  return { kind: 'ConnectionString', text: secretOf(account.secret, context).trim() };
}

/** Who this process is: environment, workload identity, managed identity or a login, in that order. */
export async function azureIdentity(): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new DefaultAzureCredential();
}

/**
 * Makes a client of a connection string. The clients' own messages may quote it, so they are not told.
 * @throws ArgosyError FAILED_PRECONDITION
 */
export function fromConnectionString<Client>(make: () => Client): Client {
  try {
    return make();
  } catch {
    const why = 'connectionString: the Secret holds no connection string of this service';
    throw new ArgosyError('FAILED_PRECONDITION', why);
  }
}

/** One line of what a client of Azure threw; its messages go on with headers and bodies. */
export function azureReason(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const { code } = thrown as { readonly code?: unknown };
  const [line = ''] = thrown.message.split('\n');
  return typeof code === 'string' && !line.includes(code) ? `${code}: ${line}` : line;
}
