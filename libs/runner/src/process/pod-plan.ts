import { parseArgoDuration } from '@argosy/base';
import type { Container, ContainerNode, ContainerSetTemplate, Template } from '@argosy/model';

/** A container with the part it plays in its task. */
export interface PlannedContainer {
  readonly name: string;
  readonly container: Container;
  readonly source?: string;
  /** Containers of the same set that have to succeed first. */
  readonly dependencies: readonly string[];
  /** How often it is run again in the same place when it fails, and the wait before each time. */
  readonly retry?: { readonly retries: number; readonly waitMs: number };
}

/** What a task consists of: what runs before, what the outcome hangs on, what runs beside it. */
export interface PodPlan {
  readonly init: readonly PlannedContainer[];
  readonly mains: readonly PlannedContainer[];
  readonly sidecars: readonly PlannedContainer[];
}

export const MAIN = 'main';

/** The containers of a container, script or containerSet template. */
export function podPlan(template: Template): PodPlan {
  return {
    init: (template.initContainers ?? []).map((container, index) =>
      besides(container, `init-${index}`),
    ),
    mains: mainContainers(template),
    sidecars: (template.sidecars ?? []).map((container, index) =>
      besides(container, `sidecar-${index}`),
    ),
  };

  function besides(
    container: Container & { readonly mirrorVolumeMounts?: boolean },
    fallbackName: string,
  ): PlannedContainer {
    const mirrored = container.mirrorVolumeMounts === true ? mainMounts(template) : [];
    const volumeMounts = [...(container.volumeMounts ?? []), ...mirrored];
    return {
      name: container.name ?? fallbackName,
      container: { ...container, volumeMounts },
      dependencies: [],
    };
  }
}

function mainMounts(template: Template): NonNullable<Container['volumeMounts']> {
  return (template.container ?? template.script)?.volumeMounts ?? [];
}

function mainContainers(template: Template): readonly PlannedContainer[] {
  if (template.script !== undefined) {
    const { source = '', ...container } = template.script;
    return [{ name: MAIN, container, source, dependencies: [] }];
  }
  if (template.container !== undefined) {
    return [{ name: MAIN, container: template.container, dependencies: [] }];
  }
  const set = template.containerSet;
  const retry = set?.retryStrategy === undefined ? {} : { retry: retryOf(set.retryStrategy) };
  return (set?.containers ?? []).map((container: ContainerNode, index) => ({
    name: container.name ?? `container-${index}`,
    container: {
      ...container,
      volumeMounts: [...(set?.volumeMounts ?? []), ...(container.volumeMounts ?? [])],
    },
    dependencies: container.dependencies ?? [],
    ...retry,
  }));
}

function retryOf(
  strategy: NonNullable<ContainerSetTemplate['retryStrategy']>,
): NonNullable<PlannedContainer['retry']> {
  const duration = parseArgoDuration(strategy.duration ?? '0');
  return { retries: Number(strategy.retries ?? 0) || 0, waitMs: duration.ok ? duration.value : 0 };
}
