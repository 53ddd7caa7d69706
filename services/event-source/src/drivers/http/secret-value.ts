import { ArgosyError } from '@argosy/base';
import type { DriverContext, SecretSelector } from '../driver.ts';

/**
 * The value of a secret for a provider.
 * @throws ArgosyError FAILED_PRECONDITION when there is none.
 */
export function secretOf(selector: SecretSelector, context: DriverContext): string {
  const value = context.secret(selector);
  if (value !== undefined && value !== '') return value;
  const { name, key } = selector;
  throw new ArgosyError('FAILED_PRECONDITION', `the secret ${name} has no key ${key}; apply it`);
}
