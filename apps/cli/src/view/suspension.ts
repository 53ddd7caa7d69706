import type { NodeStatus, Template, Workflow } from '@argosy/model';

/**
 * One line for each thing in a run that waits for somebody: what to type to make it go on. Suspended nodes
 * with a duration go on by themselves and are left out. `reach` holds the options that lead to the run.
 */
export function suspensionAdvice(workflow: Workflow, reach: string): readonly string[] {
  const { name = '', namespace = 'default' } = workflow.metadata;
  const where = namespace === 'default' ? reach : `${reach} -n ${namespace}`;
  if (workflow.status?.finishedAt) return [];
  if (workflow.spec.suspend === true) {
    return [`${name} is suspended; to go on: argosy resume ${name}${where}`];
  }
  const waiting = Object.values(workflow.status?.nodes ?? {}).filter(
    (node) => node.type === 'Suspend' && node.phase === 'Running' && !endsByItself(workflow, node),
  );
  return waiting.map((node) => {
    const label = node.displayName ?? node.name;
    const only = waiting.length > 1 ? ` --node-field-selector displayName=${quoted(label)}` : '';
    const outputs = suppliedOutputs(node).map((output) => ` --output-parameter ${output}=VALUE`);
    return `${label} is suspended; to go on: argosy resume ${name}${only}${outputs.join('')}${where}`;
  });
}

function endsByItself(workflow: Workflow, node: NodeStatus): boolean {
  const duration = templateOf(workflow, node)?.suspend?.duration;
  return duration !== undefined && String(duration) !== '';
}

function templateOf(workflow: Workflow, node: NodeStatus): Template | undefined {
  const name = node.templateRef?.template ?? node.templateName;
  const { spec, status } = workflow;
  const inline = [
    ...(spec.templates ?? []),
    ...(status?.storedWorkflowTemplateSpec?.templates ?? []),
  ];
  const stored = Object.entries(status?.storedTemplates ?? {})
    .filter(([key]) => key.endsWith(`/${name ?? ''}`))
    .map(([, template]) => template);
  return [...inline, ...stored].find(
    (template) => template.name === name || stored.includes(template),
  );
}

/** Names of the outputs that whoever resumes has to give. */
function suppliedOutputs(node: NodeStatus): readonly string[] {
  return (node.outputs?.parameters ?? [])
    .filter(({ valueFrom, value }) => valueFrom?.supplied !== undefined && value === undefined)
    .map((parameter) => parameter.name);
}

function quoted(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `'${text}'`;
}
