import { timeText } from '@argosy/base';
import type { CronWorkflow, ObjectReference, Workflow } from '@argosy/model';
import { childName, childUid, CRON_LABEL, SCHEDULED_TIME } from './keys.ts';

const API_VERSION = 'argoproj.io/v1alpha1';

/** The Workflow that an instant of a CronWorkflow starts; its name and uid are made of the instant. */
export function childWorkflow(cron: CronWorkflow, instantMs: number): Workflow {
  const { name = '', namespace } = cron.metadata;
  const bare = bareWorkflow(cron, timeText(instantMs));
  const metadata = {
    ...bare.metadata,
    name: childName(name, instantMs),
    uid: childUid(cron.metadata, instantMs),
    ...(namespace === undefined ? {} : { namespace }),
  };
  return { ...bare, metadata };
}

/**
 * The Workflow of a CronWorkflow without a name.
 * @param scheduledTime RFC 3339; becomes `workflow.scheduledTime`.
 */
export function bareWorkflow(cron: CronWorkflow, scheduledTime: string): Workflow {
  const { name = '', uid = '' } = cron.metadata;
  const { workflowSpec, workflowMetadata } = cron.spec;
  return {
    apiVersion: API_VERSION,
    kind: 'Workflow',
    metadata: {
      labels: { ...workflowMetadata?.labels, [CRON_LABEL]: name },
      annotations: { [SCHEDULED_TIME]: scheduledTime, ...workflowMetadata?.annotations },
      ...(workflowMetadata?.finalizers === undefined
        ? {}
        : { finalizers: workflowMetadata.finalizers }),
      ownerReferences: [
        {
          apiVersion: API_VERSION,
          kind: 'CronWorkflow',
          name,
          uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: workflowSpec,
  };
}

/** How `status.active` names a run. */
export function referenceTo(run: {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
}): ObjectReference {
  const { name, namespace, uid } = run;
  return {
    apiVersion: API_VERSION,
    kind: 'Workflow',
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
  };
}
