import type { LifecycleHooks } from '../types/control.ts';
import { below, type Home, type Site, type Validation } from './context.ts';
import { checkArguments } from './arguments.ts';
import type { VariableScope } from './scope.ts';
import { checkVariables } from './variables.ts';

/** The hook that runs at the end whatever happened; all others need an expression. */
export const EXIT_HOOK = 'exit';

/**
 * Hooks of a workflow, step or task. `label` is Argo's name of the hook's owner, in front of the
 * hook's name (`hooks`, `templates.a.steps[0].b`).
 */
export function checkHooks(
  validation: Validation,
  site: Site,
  hooks: LifecycleHooks | undefined,
  place: { readonly label: string; readonly home: Home; readonly scope: VariableScope },
): void {
  for (const [name, hook] of Object.entries(hooks ?? {})) {
    const at = below(site, '', 'hooks', name);
    const label = `${place.label}.${name}`;
    if (name !== EXIT_HOOK && (hook.expression ?? '') === '') {
      const message = `${label} Expression required: only the hook named "exit" can do without`;
      validation.report(at, message);
    }
    const argumentsSite = below(at, '', 'arguments');
    const given = { arguments: hook.arguments, mayLackValues: false };
    checkArguments(validation, argumentsSite, `${label}.arguments.`, given);
    const variablesSite = below(argumentsSite, `${label} `);
    checkVariables(validation, variablesSite, hook.arguments, place.scope);
    const callSite = below(at, `${label} `);
    const supplied = hook.arguments ?? {};
    validation.validateCall({ call: hook, home: place.home, site: callSite, supplied });
  }
}
