import type { Template } from '@argosy/model';
import { compileTagged, type Tagged } from './tagged.ts';
import { compileText, type Text } from './text.ts';

/** What the nodes of a template have to get before they start, with the variables located. */
export interface GatePlan {
  readonly synchronization: Tagged | undefined;
  readonly memo:
    { readonly key: Text; readonly cache: Text; readonly maxAge: Text | undefined } | undefined;
}

/** Undefined for a template whose nodes start at once, as nearly all do. */
export function compileGate(template: Template): GatePlan | undefined {
  const { synchronization, memoize } = template;
  if (synchronization === undefined && memoize === undefined) return undefined;
  return {
    synchronization: synchronization === undefined ? undefined : compileTagged(synchronization),
    memo:
      memoize === undefined
        ? undefined
        : {
            key: compileText(memoize.key),
            cache: compileText(memoize.cache?.configMap.name ?? ''),
            maxAge: memoize.maxAge === undefined ? undefined : compileText(memoize.maxAge),
          },
  };
}
