import { err, ok, type Result } from '@argosy/base';
import { isRecord, type TriggerCall, type TriggerEnvironment } from './trigger.ts';

type JsonRecord = Readonly<Record<string, unknown>>;

/** The Workflow that `submit-from` makes of a template or of a CronWorkflow, named by the trigger's source. */
export async function workflowFrom(
  object: JsonRecord,
  scope: { readonly call: TriggerCall; readonly environment: TriggerEnvironment },
): Promise<Result<JsonRecord, string>> {
  const kind = String(object['kind']);
  const metadata = isRecord(object['metadata']) ? object['metadata'] : {};
  const name = metadata['name'];
  if (typeof name !== 'string' || name === '') return err('submit-from needs metadata.name');
  const namespace =
    typeof metadata['namespace'] === 'string' ? metadata['namespace'] : scope.call.namespace;
  const workflow = (spec: JsonRecord): JsonRecord => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { generateName: `${name}-`, namespace },
    spec: { ...spec, ...argumentsOf(object['spec']) },
  });
  switch (kind.toLowerCase()) {
    case 'workflowtemplate':
      return ok(workflow({ workflowTemplateRef: { name } }));
    case 'clusterworkflowtemplate':
      return ok(workflow({ workflowTemplateRef: { name, clusterScope: true } }));
    case 'cronworkflow': {
      const manifest = await scope.environment.values.manifest('CronWorkflow', namespace, name);
      const spec = isRecord(manifest) ? manifest['spec'] : undefined;
      const workflowSpec = isRecord(spec) ? spec['workflowSpec'] : undefined;
      if (!isRecord(workflowSpec)) return err(`there is no CronWorkflow ${namespace}/${name}`);
      return ok(workflow(workflowSpec));
    }
    default:
      return err(
        `submit-from works from a WorkflowTemplate, ClusterWorkflowTemplate or CronWorkflow, not ${kind}`,
      );
  }
}

/** Arguments written into the source itself, where parameters of the trigger can reach them. */
function argumentsOf(spec: unknown): JsonRecord {
  const given = isRecord(spec) ? spec['arguments'] : undefined;
  return isRecord(given) ? { arguments: given } : {};
}
