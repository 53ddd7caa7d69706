import { ArgosyError } from '@argosy/base';
import type { SecretKeySelector } from '@argosy/model';
import type { ArtifactScope, ResourceLookup } from '../types.ts';

/** What is needed to read Secrets for an artifact, or for the object of a trigger. */
export interface SecretAccess {
  readonly resources: ResourceLookup;
  readonly scope: Pick<ArtifactScope, 'namespace' | 'signal'>;
}

/**
 * The text of one key of a Secret; undefined when none is asked for.
 * @throws ArgosyError NOT_FOUND naming the Secret and key, never the value.
 */
export async function secretText(
  selector: SecretKeySelector | undefined,
  access: SecretAccess,
): Promise<string | undefined> {
  if (selector === undefined) return undefined;
  const { name = '', key } = selector;
  const data = await access.resources.secret(access.scope.namespace, name);
  const bytes = data?.[key];
  if (bytes === undefined) {
    throw new ArgosyError('FAILED_PRECONDITION', `the Secret "${name}" has no key "${key}"`);
  }
  return new TextDecoder().decode(bytes);
}
