import { delimiter } from 'node:path';
import { ArgosyError } from '@argosy/base';
import type { Environment } from '@argosy/shell';
import { createClusterClient, type ClusterClient } from './cluster-client.ts';

/** Which Kubernetes cluster is looked at. */
export type ClusterPlace =
  /** Kubeconfig files, merged as kubectl does. */
  | { readonly kind: 'Files'; readonly paths: readonly string[] }
  /** The cluster that this process runs in, by its service account. */
  | { readonly kind: 'InCluster' };

export interface ClusterConfig {
  readonly place: ClusterPlace;
  /** Whether it is looked at for the kinds, too, that this installation keeps. */
  readonly hasEveryKind: boolean;
}

/** The cluster, connected to when it is needed first. */
export interface ClusterAccess {
  readonly hasEveryKind: boolean;
  /** Why there is none, to follow the name of a kind; undefined: there is one. */
  readonly problem: string | undefined;
  /** @throws ArgosyError FAILED_PRECONDITION when its configuration cannot be used. */
  connect(): Promise<ClusterClient>;
}

const IN_CLUSTER = 'in-cluster';

/**
 * ARGOSY_KUBECONFIG (files, or `in-cluster`) names a cluster for objects of every kind. Without it KUBECONFIG, or the
 * cluster that the process runs in, is there for the kinds that are not kept here.
 */
export function clusterConfigOf(environment: Environment): ClusterConfig | undefined {
  const own = environment.text('ARGOSY_KUBECONFIG', '');
  if (own !== '') return { place: placeOf(own), hasEveryKind: true };
  const usual = environment.text('KUBECONFIG', '');
  if (usual !== '') return { place: placeOf(usual), hasEveryKind: false };
  const isInside = environment.text('KUBERNETES_SERVICE_HOST', '') !== '';
  return isInside ? { place: placeOf(IN_CLUSTER), hasEveryKind: false } : undefined;
}

function placeOf(text: string): ClusterPlace {
  if (text === IN_CLUSTER) return { kind: 'InCluster' };
  return { kind: 'Files', paths: text.split(delimiter).filter((path) => path !== '') };
}

export function createClusterAccess(config: ClusterConfig | undefined): ClusterAccess {
  let connecting: Promise<ClusterClient> | undefined;
  return {
    hasEveryKind: config?.hasEveryKind ?? false,
    problem:
      config === undefined
        ? 'are not kept here and need a Kubernetes cluster: set KUBECONFIG for the event source service'
        : undefined,
    async connect() {
      if (config === undefined) {
        throw new ArgosyError('FAILED_PRECONDITION', 'no Kubernetes cluster is configured');
      }
      connecting ??= createClusterClient(config.place);
      try {
        return await connecting;
      } catch (error) {
        // The file may be put right.
        connecting = undefined;
        throw error;
      }
    },
  };
}
