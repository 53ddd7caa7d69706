import type { FieldTable } from './field-type.ts';
import { kubernetesContainerTables } from './kubernetes-container-tables.ts';
import { kubernetesMetaTables } from './kubernetes-meta-tables.ts';
import { kubernetesPodTables } from './kubernetes-pod-tables.ts';
import { kubernetesVolumeTables } from './kubernetes-volume-tables.ts';

const container = kubernetesContainerTables['Container'] ?? {};

/** Kubernetes' own objects that workflows hold, and Argo's objects that embed a container. */
export const kubernetesTables: Readonly<Record<string, FieldTable>> = {
  ...kubernetesMetaTables,
  ...kubernetesContainerTables,
  ...kubernetesPodTables,
  ...kubernetesVolumeTables,
  ScriptTemplate: { ...container, source: 'text' },
  UserContainer: { ...container, mirrorVolumeMounts: 'boolean' },
  ContainerNode: { ...container, dependencies: '[text]' },
};
