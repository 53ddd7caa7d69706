import { workflowAgain } from '@argosy/core-workflow';
import type { Workflow } from '@argosy/model';
import { outcomeOfBusError } from './bus-outcome.ts';
import { textOf } from './call-settings.ts';
import type { SubmitArguments } from './submit-arguments.ts';
import { submitWorkflow } from './submit-workflow.ts';
import {
  isRecord,
  type TriggerCall,
  type TriggerEnvironment,
  type TriggerOutcome,
} from './trigger.ts';

/** Submits the run that the source names anew; as with any submission, once for each firing. */
export async function resubmitWorkflow(
  object: Readonly<Record<string, unknown>>,
  options: SubmitArguments,
  scope: { readonly call: TriggerCall; readonly environment: TriggerEnvironment },
): Promise<TriggerOutcome> {
  const { call, environment } = scope;
  const metadata = isRecord(object['metadata']) ? object['metadata'] : {};
  const name = textOf(metadata['name']);
  if (name === undefined) {
    return { kind: 'Refused', reason: 'the source names no workflow; set metadata.name' };
  }
  const namespace = textOf(metadata['namespace']) ?? call.namespace;
  try {
    const reference = { kind: 'Workflow', namespace, name };
    const former = await environment.objects.get(reference, call.signal);
    if (former === undefined) {
      return { kind: 'Failed', reason: `there is no workflow ${namespace}/${name}` };
    }
    const { memoized } = options;
    const again = workflowAgain(former as unknown as Workflow, { memoized });
    return await submitWorkflow({ ...again }, options, scope);
  } catch (error) {
    return outcomeOfBusError(error);
  }
}
