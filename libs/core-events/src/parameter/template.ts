import { err, ok, type Result } from '@argosy/base';
import { goJson } from '@argosy/lang';
import type { Trigger, TriggerTemplate } from '../manifest/sensor.ts';
import { applyParameters } from './apply.ts';
import type { FiringEvents } from './resolve.ts';

/** The trigger's template with its own parameters applied to a copy; the trigger stays as it is. */
export function parameterizedTemplate(
  trigger: Trigger,
  events: FiringEvents,
): Result<TriggerTemplate, string> {
  const { template, parameters = [] } = trigger;
  if (template === undefined) return err("trigger template can't be nil");
  if (parameters.length === 0) return ok(template);
  const applied = applyParameters(goJson(template), parameters, events);
  if (!applied.ok) return applied;
  const parsed: unknown = JSON.parse(applied.value);
  return ok(parsed as TriggerTemplate);
}
