import { parseSubmitArguments } from './submit-arguments.ts';
import { sourceProblems, sourceText } from './resource-source.ts';
import { submitWorkflow } from './submit-workflow.ts';
import { isRecord, type TriggerKind } from './trigger.ts';

/**
 * The `k8s` trigger as far as it needs no cluster: creating a Workflow is submitting it. Other objects are
 * refused with a clear sentence.
 */
export const kubernetesTrigger: TriggerKind = {
  kind: 'k8s',
  problems(settings) {
    const problems = [...sourceProblems(settings['source'])];
    const operation = settings['operation'] ?? 'create';
    if (operation !== 'create') {
      problems.push(`operation: "${String(operation)}" needs a cluster; only create works here`);
    }
    const source = settings['source'];
    const resource = isRecord(source) ? source['resource'] : undefined;
    if (isRecord(resource) && resource['kind'] !== 'Workflow') {
      problems.push(
        `source.resource: creating a ${String(resource['kind'])} needs a cluster; only a Workflow works`,
      );
    }
    return problems;
  },
  async run(call, environment) {
    const text = sourceText(call, environment.values);
    if (!text.ok) return { kind: 'Refused', reason: text.error };
    const object: unknown = JSON.parse(text.value);
    const options = parseSubmitArguments(undefined);
    if (!isRecord(object) || object['kind'] !== 'Workflow' || 'problem' in options) {
      return { kind: 'Refused', reason: 'only a Workflow can be created without a cluster' };
    }
    return submitWorkflow(object, options, { call, environment });
  },
};
