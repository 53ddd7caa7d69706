import type { BindingEvent } from '@argosy/api';
import { err, ok, type Result } from '@argosy/base';
import { compileExpr, evaluateExpr, exprValueToJson, type ExprValue } from '@argosy/lang';
import type { ObjectMeta, Parameter, Workflow, WorkflowEventBinding } from '@argosy/model';

const BINDING_LABEL = 'workflows.argoproj.io/workflow-event-binding';

/**
 * The Workflow that a binding submits for an event; undefined when the event is not meant. The error says what is
 * wrong with the binding, in Argo's words.
 */
export function workflowOfBinding(
  binding: WorkflowEventBinding,
  event: BindingEvent,
): Result<Workflow | undefined, string> {
  const env = { ...event };
  const matched = evaluate(binding.spec.event.selector, env, 'workflow template expression');
  if (!matched.ok) return matched;
  if (typeof matched.value !== 'boolean') {
    return err('malformed workflow template expression: did not evaluate to boolean');
  }
  const { submit } = binding.spec;
  if (!matched.value || submit === undefined) return ok(undefined);
  const metadata = metadataOf(binding, submit.metadata ?? {}, env);
  if (!metadata.ok) return metadata;
  const parameters = parametersOf(submit.arguments?.parameters ?? [], env);
  if (!parameters.ok) return parameters;
  return ok({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: metadata.value,
    spec: {
      workflowTemplateRef: submit.workflowTemplateRef,
      ...(parameters.value.length === 0 ? {} : { arguments: { parameters: parameters.value } }),
    },
  });
}

type Environment = Readonly<Record<string, unknown>>;

function evaluate(source: string, env: Environment, what: string): Result<ExprValue, string> {
  const program = compileExpr(source);
  if (!program.ok) return err(`failed to compile ${what}: ${program.error.message}`);
  const value = evaluateExpr(program.value, env);
  return value.ok ? value : err(`failed to evaluate ${what}: ${value.error.message}`);
}

/** Name, labels and annotations are expressions that yield text. */
function metadataOf(
  binding: WorkflowEventBinding,
  given: ObjectMeta,
  env: Environment,
): Result<ObjectMeta, string> {
  const textOf = (source: string, what: string): Result<string, string> => {
    const value = evaluate(source, env, `${what} expression`);
    if (!value.ok) return value;
    if (typeof value.value === 'string') return ok(value.value);
    return err(`${what} expression must evaluate to a string`);
  };
  const textsOf = (
    sources: Readonly<Record<string, string>>,
    what: string,
  ): Result<Record<string, string>, string> => {
    const texts: Record<string, string> = {};
    for (const [key, source] of Object.entries(sources)) {
      const text = textOf(source, `workflow ${what} "${key}"`);
      if (!text.ok) return text;
      texts[key] = text.value;
    }
    return ok(texts);
  };
  const name = nameOf(binding, given, textOf);
  if (!name.ok) return name;
  const labels = textsOf(given.labels ?? {}, 'label');
  if (!labels.ok) return labels;
  const annotations = textsOf(given.annotations ?? {}, 'annotation');
  if (!annotations.ok) return annotations;
  const { namespace } = binding.metadata;
  return ok({
    ...name.value,
    ...(namespace === undefined ? {} : { namespace }),
    labels: { ...labels.value, [BINDING_LABEL]: binding.metadata.name ?? '' },
    ...(Object.keys(annotations.value).length === 0 ? {} : { annotations: annotations.value }),
  });
}

function nameOf(
  binding: WorkflowEventBinding,
  given: ObjectMeta,
  textOf: (source: string, what: string) => Result<string, string>,
): Result<Pick<ObjectMeta, 'name' | 'generateName'>, string> {
  for (const field of ['name', 'generateName'] as const) {
    const source = given[field] ?? '';
    if (source === '') continue;
    const text = textOf(source, `workflow ${field}`);
    return text.ok ? ok({ [field]: text.value }) : text;
  }
  const template = binding.spec.submit?.workflowTemplateRef.name ?? '';
  return ok({ generateName: `${template}-` });
}

function parametersOf(
  parameters: readonly Parameter[],
  env: Environment,
): Result<readonly Parameter[], string> {
  const given: Parameter[] = [];
  for (const { name, valueFrom } of parameters) {
    if (valueFrom?.event === undefined) {
      return err(`malformed workflow template parameter "${name}": valueFrom is nil`);
    }
    const what = `workflow template parameter "${name}" expression`;
    const value = evaluate(valueFrom.event, env, what);
    if (!value.ok) return value;
    const text = exprValueToJson(value.value);
    if (!text.ok) return err(`failed to convert result to JSON "${name}": ${text.error.message}`);
    given.push({ name, value: text.value });
  }
  return ok(given);
}
