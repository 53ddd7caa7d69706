import type { LabelSelector } from '../types/kubernetes.ts';
import type { WorkflowSpec } from '../types/workflow.ts';
import { labelKeyProblem, labelValueProblem } from '../kubernetes-names.ts';
import { below, type Site, type Validation } from './context.ts';
import { checkMetrics } from './metrics.ts';
import {
  checkPodResourceNames,
  checkRetryStrategy,
  checkSynchronization,
} from './template-rules.ts';

const POD_GC_STRATEGIES: ReadonlySet<string> = new Set([
  '',
  'OnPodCompletion',
  'OnPodSuccess',
  'OnWorkflowCompletion',
  'OnWorkflowSuccess',
]);
const ARTIFACT_GC_STRATEGIES: ReadonlySet<string> = new Set([
  '',
  'OnWorkflowCompletion',
  'OnWorkflowDeletion',
  'Never',
]);
const SELECTOR_OPERATORS = new Set(['In', 'NotIn', 'Exists', 'DoesNotExist']);
const SHUTDOWNS: ReadonlySet<string> = new Set(['', 'Stop', 'Terminate']);

/** Rules about fields of the spec itself, apart from templates, arguments and hooks. */
export function checkSpecFields(validation: Validation, site: Site, spec: WorkflowSpec): void {
  checkPodGC(validation, site, spec);
  checkPodResourceNames(validation, site, 'spec.podResources', spec.podResources);
  checkRetryStrategy(validation, site, 'spec', spec.retryStrategy);
  checkSynchronization(validation, site, 'spec.', spec.synchronization);
  checkMetrics(validation, site, 'spec ', spec.metrics);
  checkExecutorPlugins(validation, site, spec);
  if ((spec.parallelism ?? 1) <= 0) {
    validation.report(site, 'spec.parallelism must be more than 0', 'parallelism');
  }
  checkStrategy(validation, below(site, '', 'shutdown'), 'spec.shutdown', {
    value: spec.shutdown,
    known: SHUTDOWNS,
  });
  checkStrategy(validation, below(site, '', 'artifactGC', 'strategy'), 'artifactGC.strategy', {
    value: spec.artifactGC?.strategy,
    known: ARTIFACT_GC_STRATEGIES,
  });
  checkWorkflowLabels(validation, site, spec);
}

function checkStrategy(
  validation: Validation,
  site: Site,
  label: string,
  given: { readonly value: string | undefined; readonly known: ReadonlySet<string> },
): void {
  const { value = '', known } = given;
  if (known.has(value)) return;
  const choice = [...known].filter((name) => name !== '').join(', ');
  validation.report(site, `${label} unknown strategy '${value}': use one of ${choice}`);
}

function checkWorkflowLabels(validation: Validation, site: Site, spec: WorkflowSpec): void {
  for (const [key, value] of Object.entries(spec.workflowMetadata?.labels ?? {})) {
    const problem = labelKeyProblem(key) ?? labelValueProblem(value);
    if (problem === undefined || value.includes('{{')) continue;
    const message = `label ${key}=${value} is invalid: ${problem}`;
    validation.report(site, message, 'workflowMetadata', 'labels', key);
  }
}

function checkPodGC(validation: Validation, site: Site, spec: WorkflowSpec): void {
  if (spec.podGC === undefined) return;
  const at = below(site, '', 'podGC');
  checkStrategy(validation, below(at, '', 'strategy'), 'podGC.strategy', {
    value: spec.podGC.strategy,
    known: POD_GC_STRATEGIES,
  });
  const problem = selectorProblem(spec.podGC.labelSelector);
  if (problem !== undefined) {
    validation.report(at, `podGC.labelSelector invalid: ${problem}`, 'labelSelector');
  }
}

function selectorProblem(selector: LabelSelector | undefined): string | undefined {
  for (const { operator, values, key } of selector?.matchExpressions ?? []) {
    if (!SELECTOR_OPERATORS.has(operator)) {
      return `"${operator}" is not a valid label selector operator`;
    }
    const needsValues = operator === 'In' || operator === 'NotIn';
    if (needsValues !== (values ?? []).length > 0) {
      return `operator ${operator} on "${key}" ${needsValues ? 'needs' : 'takes no'} values`;
    }
  }
  return undefined;
}

function checkExecutorPlugins(validation: Validation, site: Site, spec: WorkflowSpec): void {
  for (const [index, plugin] of (spec.executorPlugins ?? []).entries()) {
    const { metadata, spec: pluginSpec } = plugin as {
      readonly metadata?: { readonly name?: string };
      readonly spec?: {
        readonly sidecar?: { readonly container?: { readonly ports?: readonly unknown[] } };
      };
    };
    const at = below(site, `executorPlugins[${index}] `, 'executorPlugins', index);
    if ((metadata?.name ?? '') === '') validation.report(at, 'metadata name is mandatory');
    if ((pluginSpec?.sidecar?.container?.ports ?? []).length === 0) {
      validation.report(at, 'at least one port is mandatory in spec.sidecar.container.ports');
    }
  }
}
