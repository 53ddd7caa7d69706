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

const POD_GC_STRATEGIES = new Set([
  '',
  'OnPodCompletion',
  'OnPodSuccess',
  'OnWorkflowCompletion',
  'OnWorkflowSuccess',
]);
const ARTIFACT_GC_STRATEGIES = new Set(['', 'OnWorkflowCompletion', 'OnWorkflowDeletion', 'Never']);
const SELECTOR_OPERATORS = new Set(['In', 'NotIn', 'Exists', 'DoesNotExist']);
const SHUTDOWNS = new Set(['', 'Stop', 'Terminate']);

/** Rules about fields of the spec itself, apart from templates, arguments and hooks. */
export function checkSpecFields(validation: Validation, site: Site, spec: WorkflowSpec): void {
  checkPodGC(validation, site, spec);
  checkPodResourceNames(validation, site, 'spec.podResources', spec.podResources);
  checkRetryStrategy(validation, site, 'spec', spec.retryStrategy);
  checkSynchronization(validation, site, 'spec.', spec.synchronization);
  checkMetrics(validation, site, 'spec ', spec.metrics);
  checkExecutorPlugins(validation, site, spec);
  if (spec.parallelism !== undefined && spec.parallelism <= 0) {
    validation.report(site, 'spec.parallelism must be more than 0', 'parallelism');
  }
  if (!SHUTDOWNS.has(spec.shutdown ?? '')) {
    const message = `spec.shutdown unknown strategy '${spec.shutdown ?? ''}': use Stop or Terminate`;
    validation.report(site, message, 'shutdown');
  }
  const strategy = spec.artifactGC?.strategy ?? '';
  if (!ARTIFACT_GC_STRATEGIES.has(strategy)) {
    const known = [...ARTIFACT_GC_STRATEGIES].filter((name) => name !== '').join(', ');
    const message = `artifactGC.strategy unknown strategy '${strategy}': use one of ${known}`;
    validation.report(site, message, 'artifactGC', 'strategy');
  }
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
  const strategy = spec.podGC.strategy ?? '';
  if (!POD_GC_STRATEGIES.has(strategy)) {
    const known = [...POD_GC_STRATEGIES].filter((name) => name !== '').join(', ');
    const message = `podGC.strategy unknown strategy '${strategy}': use one of ${known}`;
    validation.report(at, message, 'strategy');
  }
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
