import { createHash } from 'node:crypto';
import type { Bus } from '@argosy/bus';
import type { KeptObjects } from '@argosy/shell';
import { createClientDriver } from '../client-driver.ts';
import type { Driver, DriverContext, RunningDriver } from '../driver.ts';
import { createTrouble, type Trouble } from '../trouble.ts';
import type { ClusterAccess } from './cluster/cluster-access.ts';
import { createClusterOrigin } from './cluster/cluster-origin.ts';
import { createKeptOrigin } from './kept/kept-origin.ts';
import { keptKindOf } from './kept/kept-kinds.ts';
import { createKnownObjects } from './known-objects.ts';
import { createMemorySaver, loadMemory, type ResourceMemory } from './memory-store.ts';
import type { ObjectOrigin } from './origin.ts';
import { parseResourceSettings, type ResourceSettings } from './settings.ts';
import { createTeller } from './teller.ts';

export interface ResourceDriverOptions {
  readonly bus: Bus;
  /** Whole runs, by the gateway; without it their events say what lists show. */
  readonly objects: Pick<KeptObjects, 'get'> | undefined;
  readonly cluster: ClusterAccess;
  readonly clock?: () => number;
}

/**
 * Changes of objects: of those that this installation keeps, and of a Kubernetes cluster for all other
 * kinds, or for all kinds where that is configured.
 */
export function createResourceDriver(options: ResourceDriverOptions): Driver {
  return createClientDriver({
    kind: 'resource',
    runsOn: 'OneReplica',
    parse(fields, problems) {
      const settings = parseResourceSettings(fields, problems);
      if (problems.length === 0 && isOfCluster(settings, options)) {
        const problem = options.cluster.problem;
        if (problem !== undefined) problems.push(`${settings.resource} ${problem}`);
      }
      return settings;
    },
    start: (settings, context) => startResource(settings, { ...options, context }),
  });
}

function isOfCluster(settings: ResourceSettings, { cluster }: ResourceDriverOptions): boolean {
  return cluster.hasEveryKind || keptKindOf(settings) === undefined;
}

async function startResource(
  settings: ResourceSettings,
  options: ResourceDriverOptions & { readonly context: DriverContext },
): Promise<RunningDriver> {
  const { context, clock = Date.now } = options;
  const { filter } = settings;
  if (filter === undefined) throw new Error('settings with problems are not started');
  const trouble = createTrouble(context);
  const stopping = new AbortController();
  const { signal } = stopping;
  const origin = await originOf(settings, { ...options, trouble });
  const { group, version, resource, namespace } = settings;
  const place = {
    identity: digest([origin.identity, group, version, resource]),
    view: digest([namespace, filter.prefix, filter.labels.text]),
  };
  const memory = await loadMemory(context.checkpoint, place);
  const startedMs = memory?.startedMs ?? clock();
  const known = createKnownObjects({ memory, skipsFirstLook: filter.isAfterStart });
  const saver = createMemorySaver(context.checkpoint, {
    current: (): ResourceMemory => ({ ...place, startedMs, ...known.memory() }),
    onResult: (problem) =>
      trouble.tell('memory', problem && `what was told is not remembered: ${problem}`),
  });
  const onProgress = (): void => saver.changed();
  const teller = { settings, filter, known, startedMs, clock, context, trouble, onProgress };
  // The start itself is worth remembering: what happens while the service is down is after it.
  if (memory === undefined) saver.changed();
  const listener = createTeller({ ...teller, signal });
  const following = origin.follow(listener, { from: memory?.position, signal });
  return {
    health: () => trouble.health(),
    async stop() {
      stopping.abort();
      await following;
      await saver.close();
    },
  };
}

async function originOf(
  settings: ResourceSettings,
  options: ResourceDriverOptions & { readonly trouble: Trouble },
): Promise<ObjectOrigin> {
  const kind = keptKindOf(settings);
  if (kind === undefined || isOfCluster(settings, options)) {
    return createClusterOrigin(settings, await options.cluster.connect());
  }
  return createKeptOrigin(kind, { ...options, namespace: settings.namespace });
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
