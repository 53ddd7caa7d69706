import { isFields, type Fields } from '../http/settings.ts';
import type { BitbucketServerRepository } from './settings.ts';

const REFS_CHANGED = 'repo:refs_changed';

/** What is pushed to one branch or tag. */
export interface RefChange {
  readonly fields: Fields;
  /** Such as `refs/heads/main`; empty when the change names none. */
  readonly refId: string;
  readonly isBranchUpdate: boolean;
}

/** A push: its changes and the repository that they are in; undefined for any other event. */
export function refsChanged(
  payload: Fields,
):
  | { readonly repository: BitbucketServerRepository; readonly changes: readonly RefChange[] }
  | undefined {
  if (payload['eventKey'] !== REFS_CHANGED || !Array.isArray(payload['changes'])) return undefined;
  const repository = isFields(payload['repository']) ? payload['repository'] : {};
  const project = isFields(repository['project']) ? repository['project'] : {};
  return {
    repository: { projectKey: String(project['key']), slug: String(repository['slug']) },
    changes: payload['changes'].filter(isFields).map((fields) => {
      const ref = isFields(fields['ref']) ? fields['ref'] : {};
      return {
        fields,
        refId: typeof ref['id'] === 'string' ? ref['id'] : '',
        isBranchUpdate: ref['type'] === 'BRANCH' && fields['type'] !== 'DELETE',
      };
    }),
  };
}

/** The payload with only these changes in it. */
export function withChanges(payload: Fields, changes: readonly RefChange[]): string {
  return JSON.stringify({ ...payload, changes: changes.map(({ fields }) => fields) });
}
