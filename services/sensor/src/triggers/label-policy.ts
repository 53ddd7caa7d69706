import { pause } from '@argosy/shell';
import type { KeptObject, ObjectReference } from '@argosy/shell';
import { parseRetryStrategy, retryWaitMs } from '../retry-strategy.ts';
import {
  isRecord,
  type TriggerCall,
  type TriggerEnvironment,
  type TriggerOutcome,
} from './trigger.ts';

/**
 * Judges what a trigger has made by `policy.k8s`: waits until the object has all the labels, looking as often and
 * as far apart as its backoff says. When it never has, that is a failure only with `errorOnBackoffTimeout`.
 * Without such a policy it is done.
 * @throws ArgosyError when the object cannot be looked at
 */
export async function judgedByLabels(
  reference: ObjectReference,
  scope: { readonly call: TriggerCall; readonly environment: TriggerEnvironment },
): Promise<TriggerOutcome> {
  const { call, environment } = scope;
  const policy = isRecord(call.policy) ? call.policy['k8s'] : undefined;
  if (!isRecord(policy)) return { kind: 'Done' };
  const strategy = parseRetryStrategy(policy['backoff'] ?? {});
  if ('problem' in strategy) {
    return { kind: 'Refused', reason: `policy.k8s.backoff: ${strategy.problem}` };
  }
  for (let look = 1; look <= strategy.steps; look += 1) {
    const object = await environment.objects.get(reference, call.signal);
    if (hasLabels(object, policy['labels'])) return { kind: 'Done' };
    if (look < strategy.steps) await pause(retryWaitMs(strategy, look, 0), call.signal);
    if (call.signal.aborted) return { kind: 'BusAway', reason: 'the sensor is stopping' };
  }
  if (policy['errorOnBackoffTimeout'] !== true) return { kind: 'Done' };
  const { kind, namespace, name } = reference;
  return { kind: 'Failed', reason: `${kind} ${namespace}/${name} did not get the policy's labels` };
}

function hasLabels(object: KeptObject | undefined, wanted: unknown): boolean {
  const labels = isRecord(object?.metadata['labels']) ? object.metadata['labels'] : {};
  const pairs = Object.entries(isRecord(wanted) ? wanted : {});
  return object !== undefined && pairs.every(([key, value]) => labels[key] === value);
}
