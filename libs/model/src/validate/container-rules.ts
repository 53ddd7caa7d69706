import type { Container } from '../types/kubernetes.ts';
import type { Template } from '../types/template.ts';
import { below, type Site, type Validation } from './context.ts';
import { checkNames } from './field-names.ts';
import { dnsLabelProblem } from '../kubernetes-names.ts';
import { findCycle } from './task-graph.ts';

/** Names of Argo's own containers in a pod. */
const RESERVED_NAMES: ReadonlySet<string> = new Set(['init', 'wait', 'supervisor']);

/** A container or script needs an image, be it from `templateDefaults`. */
export function checkImage(
  validation: Validation,
  site: Site,
  template: Template,
  kind: 'container' | 'script',
): void {
  if ((template[kind]?.image ?? '') !== '') return;
  const label = `templates.${template.name ?? ''}.${kind}.image`;
  const message = `${label} may not be empty: give an image here or in templateDefaults`;
  validation.report(site, message, kind);
}

/** Init containers and sidecars have names of their own. */
export function checkExtraContainers(validation: Validation, site: Site, template: Template): void {
  for (const field of ['initContainers', 'sidecars'] as const) {
    for (const [index, container] of (template[field] ?? []).entries()) {
      const at = below(site, '', field, index);
      const name = container.name ?? '';
      if (name === '') validation.report(at, `${field} must all have container name`);
      else if (isReserved(container, field)) reportReserved(validation, at, name);
    }
  }
}

function isReserved(container: Container, field: 'initContainers' | 'sidecars'): boolean {
  const name = container.name ?? '';
  return RESERVED_NAMES.has(name) || (field === 'sidecars' && name === 'main');
}

function reportReserved(validation: Validation, site: Site, name: string): void {
  const message = `container name '${name}' is a reserved Argo container name: choose another`;
  validation.report(site, message, 'name');
}

/** Containers of a set: names, order, and a `main` where something is passed in or out. */
export function checkContainerSet(validation: Validation, site: Site, template: Template): void {
  const containers = template.containerSet?.containers ?? [];
  const label = `templates.${template.name ?? ''}.containerSet.containers`;
  const at = below(site, '', 'containerSet', 'containers');
  if (containers.length === 0) {
    validation.report(at, `${label} must have at least one container`);
    return;
  }
  const named = containers.map((container) => ({ name: container.name ?? '' }));
  checkNames(validation, at, label, { items: named, problemOf: dnsLabelProblem });
  const names = new Set(named.map(({ name }) => name));
  for (const [index, container] of containers.entries()) {
    const name = container.name ?? '';
    if (RESERVED_NAMES.has(name)) reportReserved(validation, below(at, '', index), name);
    for (const dependency of container.dependencies ?? []) {
      if (names.has(dependency)) continue;
      const message = `${label}.${name} dependency '${dependency}' not defined`;
      validation.report(at, `${message}: name a container of the set`, index, 'dependencies');
    }
  }
  const cycle = findCycle(
    new Map(containers.map(({ name = '', dependencies = [] }) => [name, dependencies])),
  );
  if (cycle !== undefined) {
    validation.report(at, `${label} dependency cycle detected: ${cycle}: remove one of these`);
  }
  checkMain(validation, at, { template, label, hasMain: names.has('main') });
}

function checkMain(
  validation: Validation,
  site: Site,
  set: { readonly template: Template; readonly label: string; readonly hasMain: boolean },
): void {
  const { inputs, outputs } = set.template;
  const passesSomething =
    (inputs?.artifacts ?? []).length > 0 ||
    (outputs?.artifacts ?? []).length > 0 ||
    (outputs?.parameters ?? []).length > 0;
  if (!passesSomething || set.hasMain) return;
  const message = `${set.label} must have a container named "main" for input or output`;
  validation.report(site, message);
}

/** No two things at one path: volumes and input artifacts of a container. */
export function checkMounts(
  validation: Validation,
  site: Site,
  template: Template,
  kind: 'container' | 'script',
): void {
  const mounted = new Map<string, string>();
  for (const [index, artifact] of (template.inputs?.artifacts ?? []).entries()) {
    const what = { path: artifact.path, label: `inputs.artifacts.${artifact.name}` };
    mount(validation, below(site, '', 'inputs', 'artifacts', index), mounted, what);
  }
  for (const [index, volume] of (template[kind]?.volumeMounts ?? []).entries()) {
    // One volume may be mounted at several paths and parts of several at one, by sub-paths.
    const other = mounted.get(volume.mountPath);
    if (other?.startsWith('inputs.') !== true) continue;
    const label = `templates.${template.name ?? ''}.${kind}.volumeMounts[${index}].mountPath`;
    const message = `${label} '${volume.mountPath}' already mounted in ${other}`;
    validation.report(site, message, kind, 'volumeMounts', index);
  }
}

function mount(
  validation: Validation,
  site: Site,
  mounted: Map<string, string>,
  what: { readonly path: string | undefined; readonly label: string },
): void {
  if (what.path === undefined || what.path === '') return;
  const other = mounted.get(what.path);
  if (other !== undefined) {
    const message =
      `${what.label}.path '${what.path}' already mounted in ${other}: choose another ` + 'path';
    validation.report(site, message, 'path');
  }
  mounted.set(what.path, what.label);
}
