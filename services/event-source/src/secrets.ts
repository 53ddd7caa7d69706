import { resourceKey } from '@argosy/api';
import type { DeclaredResources } from '@argosy/shell';
import type { SecretSelector } from './drivers/driver.ts';

/** The value of one key of a declared Secret, or undefined. `stringData` wins over `data`, as in Kubernetes. */
export function secretValue(
  resources: DeclaredResources | undefined,
  namespace: string,
  selector: SecretSelector,
): string | undefined {
  const manifest = resources?.get(resourceKey('secret', namespace, selector.name))?.manifest;
  const secret = manifest as
    | {
        readonly stringData?: Readonly<Record<string, unknown>>;
        readonly data?: Readonly<Record<string, unknown>>;
      }
    | null
    | undefined;
  const text = secret?.stringData?.[selector.key];
  if (typeof text === 'string') return text;
  const base64 = secret?.data?.[selector.key];
  if (typeof base64 !== 'string') return undefined;
  return Buffer.from(base64, 'base64').toString('utf8');
}
