// Written by tools/kubernetes-fields from Kubernetes' Go types; not edited by hand.
import type { FieldTable } from './field-type.ts';

/** Kubernetes' metadata of objects, selectors and references. */
export const kubernetesMetaTables: Readonly<Record<string, FieldTable>> = {
  LabelSelector: {
    matchLabels: '{text}',
    matchExpressions: '[LabelSelectorRequirement]',
  },
  LabelSelectorRequirement: {
    key: 'text!',
    operator: 'text!',
    values: '[text]',
  },
  LocalObjectReference: {
    name: 'text',
  },
  ObjectMeta: {
    name: 'text',
    generateName: 'text',
    namespace: 'text',
    selfLink: 'text',
    uid: 'text',
    resourceVersion: 'text',
    generation: 'integer',
    creationTimestamp: 'time',
    deletionTimestamp: 'time',
    deletionGracePeriodSeconds: 'integer',
    labels: '{text}',
    annotations: '{text}',
    ownerReferences: '[OwnerReference]',
    finalizers: '[text]',
    managedFields: '[object]',
  },
  ObjectReference: {
    kind: 'text',
    namespace: 'text',
    name: 'text',
    uid: 'text',
    apiVersion: 'text',
    resourceVersion: 'text',
    fieldPath: 'text',
  },
  OwnerReference: {
    apiVersion: 'text!',
    kind: 'text!',
    name: 'text!',
    uid: 'text!',
    controller: 'boolean',
    blockOwnerDeletion: 'boolean',
  },
  PodDisruptionBudgetSpec: {
    minAvailable: 'intOrText',
    selector: 'LabelSelector',
    maxUnavailable: 'intOrText',
    unhealthyPodEvictionPolicy: 'text',
  },
};
