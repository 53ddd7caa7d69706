/** The values that a field can have, by `Object.field`. Empty text stands for the default. */
const FIELD_VALUES: Readonly<Record<string, readonly string[]>> = {
  'RetryStrategy.retryPolicy': ['Always', 'OnFailure', 'OnError', 'OnTransientError'],
  'PodGC.strategy': [
    '',
    'OnPodCompletion',
    'OnPodSuccess',
    'OnWorkflowCompletion',
    'OnWorkflowSuccess',
  ],
  'VolumeClaimGC.strategy': ['OnWorkflowCompletion', 'OnWorkflowSuccess'],
  'ArtifactGC.strategy': ['', 'OnWorkflowCompletion', 'OnWorkflowDeletion', 'Never'],
  'WorkflowLevelArtifactGC.strategy': ['', 'OnWorkflowCompletion', 'OnWorkflowDeletion', 'Never'],
  'WorkflowSpec.shutdown': ['', 'Stop', 'Terminate'],
  'WorkflowSpec.dnsPolicy': ['', 'ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'],
  'CronWorkflowSpec.concurrencyPolicy': ['', 'Allow', 'Forbid', 'Replace'],
  'CronWorkflowStatus.phase': ['', 'Active', 'Stopped'],
  'ResourceTemplate.action': ['get', 'create', 'apply', 'delete', 'replace', 'patch'],
  'ResourceTemplate.mergeStrategy': ['', 'strategic', 'merge', 'json'],
  'Gauge.operation': ['', 'Set', 'Add', 'Sub'],
  'Container.imagePullPolicy': ['', 'Always', 'Never', 'IfNotPresent'],
  'ScriptTemplate.imagePullPolicy': ['', 'Always', 'Never', 'IfNotPresent'],
  'WorkflowStatus.phase': ['', 'Pending', 'Running', 'Succeeded', 'Failed', 'Error'],
  'NodeStatus.phase': [
    '',
    'Pending',
    'Running',
    'Succeeded',
    'Skipped',
    'Failed',
    'Error',
    'Omitted',
  ],
  'NodeStatus.type': [
    'Pod',
    'Container',
    'Steps',
    'StepGroup',
    'DAG',
    'TaskGroup',
    'Retry',
    'Skipped',
    'Suspend',
    'HTTP',
    'Plugin',
  ],
};

/** The values that a field is limited to; undefined when it is not. */
export function fieldValues(object: string, field: string): readonly string[] | undefined {
  return FIELD_VALUES[`${object}.${field}`];
}

/** Fields that are limited only when nothing is left to be filled in. */
const WITH_VARIABLES: ReadonlySet<string> = new Set([
  'ResourceTemplate.action',
  'ResourceTemplate.mergeStrategy',
]);

/** True when a variable (`{{…}}`) may stand in the place of the values. */
export function mayHoldVariable(object: string, field: string): boolean {
  return WITH_VARIABLES.has(`${object}.${field}`);
}

/** `Object.field` of all fields with such a limit. */
export function limitedFields(): readonly string[] {
  return Object.keys(FIELD_VALUES);
}
