import type { Container, Template, Volume, WorkflowSpec } from '@argosy/model';
import type { RunHeader } from '../input.ts';

/**
 * The volumes that all templates of a run may mount: those of its spec, and its volume claim templates, whose claims
 * are named as Argo names them, `<workflow>-<claim template>`.
 */
export function volumesOfRun(run: RunHeader): ReadonlyMap<string, Volume> {
  const { volumes = [], volumeClaimTemplates = [] }: WorkflowSpec = run.spec;
  const claims = volumeClaimTemplates.map(({ metadata }): Volume => {
    const name = metadata?.name ?? '';
    return { name, persistentVolumeClaim: { claimName: `${run.name}-${name}` } };
  });
  return new Map([...volumes, ...claims].map((volume) => [volume.name, volume]));
}

/** The template with the volumes of the run that its containers mount; its own volumes come first. */
export function withRunVolumes(template: Template, ofRun: ReadonlyMap<string, Volume>): Template {
  if (ofRun.size === 0) return template;
  const own = template.volumes ?? [];
  const missing = mountedNames(template);
  for (const { name } of own) missing.delete(name);
  const added = [...missing].flatMap((name) => ofRun.get(name) ?? []);
  return added.length === 0 ? template : { ...template, volumes: [...own, ...added] };
}

function mountedNames(template: Template): Set<string> {
  const containers: readonly (Container | undefined)[] = [
    template.container,
    template.script,
    ...(template.containerSet?.containers ?? []),
    ...(template.initContainers ?? []),
    ...(template.sidecars ?? []),
  ];
  const mounts = [
    ...containers.flatMap((container) => container?.volumeMounts ?? []),
    ...(template.containerSet?.volumeMounts ?? []),
  ];
  return new Set(mounts.map(({ name }) => name));
}
