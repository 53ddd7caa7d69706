import type { RunHeader } from '@argosy/core-workflow';
import {
  createInstallation,
  headerOf,
  type Installation,
  type InstallationOptions,
  type SimulatedRun,
} from '@argosy/core-workflow/simulation';
import type { Synchronization, TemplateLookup } from '@argosy/model';
import type { CachedResult, HeldLock, Setting } from './format.ts';
import { durationMsOf, textOf, textsOf } from './texts.ts';

/** The locks and caches that the run finds: limits from ConfigMaps and from the file, results from the file. */
export function installationOf(
  setting: Setting,
  run: RunHeader,
  lookup: Required<TemplateLookup>,
): Installation {
  const { namespace } = run;
  const limits: Record<string, number> = {};
  for (const { metadata, data = {} } of lookup.configMaps(namespace)) {
    for (const [key, value] of Object.entries(data)) {
      if (!/^\d+$/.test(value)) continue;
      limits[`${namespace}/ConfigMap/${metadata.name ?? ''}/${key}`] = Number(value);
    }
  }
  for (const [key, limit] of Object.entries(setting.semaphores ?? {})) {
    limits[`${namespace}/Database/${key}`] = limit;
  }
  return createInstallation({ limits, caches: cachesOf(setting, run) });
}

type Caches = NonNullable<InstallationOptions['caches']>;

function cachesOf({ memo = {} }: Setting, run: RunHeader): Caches {
  return Object.fromEntries(
    Object.entries(memo).map(([cache, results]) => [
      `${run.namespace}/${cache}`,
      Object.fromEntries(
        Object.entries(results).map(([key, result]) => [key, entryOf(result, run)]),
      ),
    ]),
  );
}

function entryOf(result: CachedResult, { createdAtMs }: RunHeader): Caches[string][string] {
  const savedAt = new Date(createdAtMs - durationMsOf(result.age ?? 0)).toISOString();
  const parameters = Object.entries(textsOf(result.outputs));
  return {
    nodeID: '',
    outputs: {
      ...(result.result === undefined ? {} : { result: textOf(result.result) }),
      ...(parameters.length === 0
        ? {}
        : { parameters: parameters.map(([name, value]) => ({ name, value })) }),
    },
    creationTimestamp: savedAt,
    lastHitTimestamp: savedAt,
  };
}

/** Other runs, each with one lock, submitted before the run that is looked at. */
export function holdersOf(held: readonly HeldLock[], run: RunHeader): readonly SimulatedRun[] {
  return held.map((lock, index): SimulatedRun => {
    const name = `holder-${index + 1}`;
    const synchronization = synchronizationOf(lock);
    const header = headerOf(
      {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Workflow',
        metadata: { name, namespace: run.namespace, uid: `${name}-of-${run.uid}` },
        spec: {
          entrypoint: 'main',
          synchronization,
          templates: [{ name: 'main', container: { image: 'holder' } }],
        },
      },
      { createdAtMs: run.createdAtMs },
    );
    const outcome =
      lock.for === undefined
        ? ({ stays: 'Running' } as const)
        : { durationMs: durationMsOf(lock.for) };
    return { header, outcomes: () => outcome };
  });
}

function synchronizationOf({ mutex, semaphore }: HeldLock): Synchronization {
  const [name = '', key] = (semaphore ?? '').split('/');
  const reference =
    key === undefined ? { database: { key: name } } : { configMapKeyRef: { name, key } };
  return {
    ...(mutex === undefined ? {} : { mutexes: [{ name: mutex }] }),
    ...(semaphore === undefined ? {} : { semaphores: [reference] }),
  };
}
