import { assertNever, err, ok, type Result } from '@argosy/base';
import { parseSubmitArguments, type SubmitArguments } from './submit-arguments.ts';
import { controlRun, type ControlOperation } from './control-run.ts';
import {
  sourceProblems,
  sourceText,
  type SourceFailure,
  type SourceScope,
} from './resource-source.ts';
import { resubmitWorkflow } from './resubmit-workflow.ts';
import { submitWorkflow } from './submit-workflow.ts';
import { workflowFrom } from './workflow-from.ts';
import {
  isRecord,
  type TriggerCall,
  type TriggerEnvironment,
  type TriggerKind,
  type TriggerOutcome,
} from './trigger.ts';

/** What an argoWorkflow trigger can do, in Argo's words. */
const OPERATIONS = {
  submit: 'Submit',
  'submit-from': 'SubmitFrom',
  resubmit: 'Resubmit',
  resume: 'Resume',
  retry: 'Retry',
  stop: 'Stop',
  suspend: 'Suspend',
  terminate: 'Terminate',
} as const;

type Operation = (typeof OPERATIONS)[keyof typeof OPERATIONS];

/** Submits and steers workflows. Absent `operation` means submit. */
export const argoWorkflowTrigger: TriggerKind = {
  kind: 'argoWorkflow',
  problems(settings) {
    const operation = operationOf(settings['operation']);
    const problems = [...sourceProblems(settings['source'])];
    if (operation === undefined) {
      const known = Object.keys(OPERATIONS).join(', ');
      problems.push(`operation: "${String(settings['operation'])}" is not one of ${known}`);
    }
    const options = parseSubmitArguments(settings['args']);
    if ('problem' in options) problems.push(options.problem);
    return problems;
  },
  async run(call, environment) {
    const options = parseSubmitArguments(call.settings['args']);
    if ('problem' in options) return { kind: 'Refused', reason: options.problem };
    const object = await readSource({ call, environment });
    if (!object.ok) return object.error;
    return perform(object.value, options, { call, environment });
  },
};

async function perform(
  object: Readonly<Record<string, unknown>>,
  options: SubmitArguments,
  scope: { readonly call: TriggerCall; readonly environment: TriggerEnvironment },
): Promise<TriggerOutcome> {
  const operation = operationOf(scope.call.settings['operation']) ?? 'Submit';
  switch (operation) {
    case 'Submit':
      return submitWorkflow(object, options, scope);
    case 'SubmitFrom': {
      const workflow = await workflowFrom(object, scope);
      if (!workflow.ok) return { kind: 'Failed', reason: workflow.error };
      return submitWorkflow(workflow.value, options, scope);
    }
    case 'Resubmit':
      return resubmitWorkflow(object, options, scope);
    case 'Resume':
    case 'Retry':
    case 'Stop':
    case 'Suspend':
    case 'Terminate':
      return controlRun(object, controlOperation(operation, options), scope);
    default:
      return assertNever(operation);
  }
}

function controlOperation(
  kind: Exclude<Operation, 'Submit' | 'SubmitFrom' | 'Resubmit'>,
  options: SubmitArguments,
): ControlOperation {
  const { nodeFieldSelector, message } = options;
  return {
    kind,
    ...(nodeFieldSelector === undefined ? {} : { nodeFieldSelector }),
    ...(message === undefined ? {} : { message }),
  };
}

function operationOf(value: unknown): Operation | undefined {
  if (value === undefined || value === '') return 'Submit';
  return OPERATIONS[value as keyof typeof OPERATIONS];
}

async function readSource(
  scope: SourceScope,
): Promise<Result<Readonly<Record<string, unknown>>, SourceFailure>> {
  const text = await sourceText(scope);
  if (!text.ok) return text;
  const object: unknown = JSON.parse(text.value);
  return isRecord(object)
    ? ok(object)
    : err({ kind: 'Refused', reason: 'the source is no object' });
}
