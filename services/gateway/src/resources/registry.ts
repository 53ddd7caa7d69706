import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { BUCKETS, resourceKey } from '@argosy/api';
import { ArgosyError, timeText } from '@argosy/base';
import { CRON_SERVER_PREFIX } from '@argosy/core-workflow';
import type { Bus, KeyValueBucket, KeyValueEntry } from '@argosy/bus';
import {
  CONTROLLER_CONFIG_MAP,
  createConfigReader,
  DEFAULT_NAMESPACE,
  type ConfigPlace,
  type ControllerConfig,
  type TemplateLookup,
} from '@argosy/model';
import { followResources, pause, type DeclaredResources } from '@argosy/shell';
import type { Logger } from '@argosy/telemetry';
import { REGISTRY_CATCH_UP_MS } from '../config.ts';
import { omit } from '../objects.ts';
import { jsonBytes, textOfBytes } from '../text.ts';
import {
  DECLARED_KINDS,
  isDeclaredKind,
  storedNamespace,
  type DeclaredKind,
  type DeclaredManifest,
} from './kinds.ts';
import { masked } from './secrets.ts';

/** A declared manifest as it is stored. */
export interface StoredResource {
  readonly manifest: DeclaredManifest;
  readonly revision: number;
}

export type ApplyOutcome = 'Created' | 'Configured' | 'Unchanged';

/** What a write is allowed to do. */
export type WriteMode = 'Create' | 'Replace' | 'Apply';

export interface ResourceName {
  readonly kind: DeclaredKind;
  /** Not looked at for cluster-wide kinds. */
  readonly namespace: string;
  readonly name: string;
}

/** The manifest type of a kind. */
type DeclaredOf<Kind extends DeclaredKind> = Extract<DeclaredManifest, { readonly kind: Kind }>;

/** The declared manifests, in the KV `resources`. Values of Secrets never leave it. */
export interface Registry {
  /** @throws ArgosyError NOT_FOUND */
  get(name: ResourceName): Promise<StoredResource>;
  /** By name; of all namespaces when none is given. From this replica's copy. */
  list(kind: DeclaredKind, namespace?: string): readonly StoredResource[];
  /**
   * Writes one manifest whose name and namespace are set and that was checked before. Server-side
   * fields (uid, creationTimestamp, generation, status) are kept.
   * @throws ArgosyError ALREADY_EXISTS (Create), NOT_FOUND (Replace), CONFLICT when others keep writing.
   */
  write(
    manifest: DeclaredManifest,
    options: { readonly mode: WriteMode; readonly dryRun?: boolean },
  ): Promise<{ readonly outcome: ApplyOutcome; readonly resource: StoredResource }>;
  /**
   * Changes one manifest as it is now; what the server keeps about it may be changed, too.
   * @throws ArgosyError NOT_FOUND, CONFLICT when others keep writing.
   */
  change<Kind extends DeclaredKind>(
    name: ResourceName & { readonly kind: Kind },
    change: (manifest: DeclaredOf<Kind>) => DeclaredOf<Kind>,
  ): Promise<StoredResource>;
  /** @throws ArgosyError NOT_FOUND */
  delete(name: ResourceName): Promise<void>;
  /** What workflows may refer to, as this replica knows it. */
  readonly lookup: TemplateLookup;
  /** The installation's configuration as it is now. */
  config(): ControllerConfig;
  readonly trouble: string | undefined;
}

/** Tries of a compare-and-set before it is given up. */
const WRITE_TRIES_MAX = 5;
/** Step of the wait for this replica's own copy, milliseconds. */
const CATCH_UP_STEP_MS = 2;

export async function openRegistry(
  bus: Bus,
  logger: Logger,
  signal: AbortSignal,
  place: ConfigPlace = { name: CONTROLLER_CONFIG_MAP, namespaces: [DEFAULT_NAMESPACE] },
): Promise<Registry> {
  const bucket = await bus.keyValue(BUCKETS.resources);
  const kinds = Object.keys(DECLARED_KINDS).map((kind) => kind.toLowerCase());
  const onChange = (): void => undefined;
  const copy = await followResources({ bus, kinds, onChange, logger, signal });
  const lookup = lookupOf(copy);
  return {
    async get(name) {
      const entry = await bucket.get(keyOf(name));
      const manifest = manifestOf(entry);
      if (entry === undefined || manifest === undefined) throw notFound(name);
      return { manifest: masked(manifest), revision: entry.revision };
    },
    list: (kind, namespace) => listOf(copy, kind, namespace),
    write: (manifest, options) => writeManifest({ bucket, copy }, manifest, options),
    change: (name, change) =>
      changeManifest({ bucket, copy }, name, (manifest) => change(manifest as never)),
    async delete(name) {
      const key = keyOf(name);
      if ((await bucket.get(key))?.value === undefined) throw notFound(name);
      await bucket.delete(key);
      await caughtUp(() => copy.get(key) === undefined);
    },
    lookup,
    config: createConfigReader(lookup.configMap, place),
    get trouble() {
      return copy.trouble;
    },
  };
}

function keyOf({ kind, namespace, name }: ResourceName): string {
  return resourceKey(kind, storedNamespace(kind, namespace), name);
}

function nameOf({ kind, metadata }: DeclaredManifest): ResourceName {
  const { name = '', namespace = '' } = metadata;
  return { kind, namespace, name };
}

function notFound({ kind, namespace, name }: ResourceName): ArgosyError {
  const place = DECLARED_KINDS[kind].isCluster ? '' : ` in namespace "${namespace}"`;
  return new ArgosyError('NOT_FOUND', `${kind} "${name}" not found${place}.`);
}

function manifestOf(entry: KeyValueEntry | undefined): DeclaredManifest | undefined {
  if (entry?.value === undefined) return undefined;
  return JSON.parse(textOfBytes(entry.value)) as DeclaredManifest;
}

function listOf(
  copy: DeclaredResources,
  kind: DeclaredKind,
  namespace: string | undefined,
): readonly StoredResource[] {
  const wanted = namespace === undefined ? undefined : storedNamespace(kind, namespace);
  return copy
    .ofKind(kind.toLowerCase())
    .filter((one) => wanted === undefined || one.namespace === wanted)
    .toSorted(
      (one, other) => compare(one.namespace, other.namespace) || compare(one.name, other.name),
    )
    .map(({ manifest, revision }) => ({
      manifest: masked(manifest as DeclaredManifest),
      revision,
    }));
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

interface Store {
  readonly bucket: KeyValueBucket;
  readonly copy: DeclaredResources;
}

async function writeManifest(
  store: Store,
  manifest: DeclaredManifest,
  options: { readonly mode: WriteMode; readonly dryRun?: boolean },
): ReturnType<Registry['write']> {
  const key = keyOf(nameOf(manifest));
  for (let attempt = 1; ; attempt += 1) {
    const entry = await store.bucket.get(key);
    const known = manifestOf(entry);
    checkMode(manifest, known, options.mode);
    const next = merged(manifest, known);
    const before = known === undefined ? undefined : entry?.revision;
    const outcome = outcomeOf(known, next);
    if (outcome === 'Unchanged' || options.dryRun === true) {
      return { outcome, resource: { manifest: masked(next), revision: before ?? 0 } };
    }
    try {
      const revision = await put(store, { key, manifest: next, before });
      return { outcome, resource: { manifest: masked(next), revision } };
    } catch (error) {
      if (!isConflict(error) || attempt >= WRITE_TRIES_MAX) throw error;
    }
  }
}

async function changeManifest(
  store: Store,
  name: ResourceName,
  change: (manifest: DeclaredManifest) => DeclaredManifest,
): Promise<StoredResource> {
  const key = keyOf(name);
  for (let attempt = 1; ; attempt += 1) {
    const entry = await store.bucket.get(key);
    const known = manifestOf(entry);
    if (entry === undefined || known === undefined) throw notFound(name);
    const next = withGeneration(change(known), known);
    if (isDeepStrictEqual(next, known)) {
      return { manifest: masked(known), revision: entry.revision };
    }
    try {
      const revision = await put(store, { key, manifest: next, before: entry.revision });
      return { manifest: masked(next), revision };
    } catch (error) {
      if (!isConflict(error) || attempt >= WRITE_TRIES_MAX) throw error;
    }
  }
}

function checkMode(
  manifest: DeclaredManifest,
  known: DeclaredManifest | undefined,
  mode: WriteMode,
): void {
  const resourceName = nameOf(manifest);
  if (mode === 'Create' && known !== undefined) {
    const message = `${manifest.kind} "${resourceName.name}" exists already: replace it.`;
    throw new ArgosyError('ALREADY_EXISTS', message);
  }
  if (mode === 'Replace' && known === undefined) {
    throw notFound(resourceName);
  }
}

function outcomeOf(known: DeclaredManifest | undefined, next: DeclaredManifest): ApplyOutcome {
  if (known === undefined) return 'Created';
  return isDeepStrictEqual(known, next) ? 'Unchanged' : 'Configured';
}

function isConflict(error: unknown): boolean {
  const { code } = ArgosyError.fromUnknown(error);
  return code === 'CONFLICT' || code === 'ALREADY_EXISTS';
}

/** Compare and set; then waits until this replica's own copy has it. */
async function put(
  { bucket, copy }: Store,
  write: {
    readonly key: string;
    readonly manifest: DeclaredManifest;
    readonly before: number | undefined;
  },
): Promise<number> {
  const { key, before } = write;
  const value = jsonBytes(write.manifest);
  const revision =
    before === undefined
      ? await bucket.create(key, value)
      : await bucket.update(key, value, before);
  await caughtUp(() => (copy.get(key)?.revision ?? 0) >= revision);
  return revision;
}

/** The manifest with what the server keeps about the object. */
function merged(manifest: DeclaredManifest, known: DeclaredManifest | undefined): DeclaredManifest {
  const metadata = omit(manifest.metadata, 'resourceVersion', 'managedFields');
  const status = (known as WithStatus | undefined)?.status;
  const next = {
    ...omit(manifest as WithStatus, 'status'),
    metadata: {
      ...metadata,
      uid: known?.metadata.uid ?? randomUUID(),
      creationTimestamp: known?.metadata.creationTimestamp ?? timeText(Date.now()),
      generation: known?.metadata.generation ?? 1,
    },
    ...(status === undefined ? {} : { status }),
  } as DeclaredManifest;
  return known === undefined ? next : withGeneration(keepingServerMetadata(next, known), known);
}

/** The generation counts changes of what people write. */
function withGeneration(next: DeclaredManifest, known: DeclaredManifest): DeclaredManifest {
  if (isDeepStrictEqual(specOf(known), specOf(next))) return next;
  const generation = (known.metadata.generation ?? 1) + 1;
  return { ...next, metadata: { ...next.metadata, generation } } as DeclaredManifest;
}

/** The labels and annotations that the scheduler keeps on a CronWorkflow outlive a text that does not have them. */
function keepingServerMetadata(next: DeclaredManifest, known: DeclaredManifest): DeclaredManifest {
  if (next.kind !== 'CronWorkflow') return next;
  const kept = (values: Readonly<Record<string, string>> | undefined): Record<string, string> =>
    Object.fromEntries(
      Object.entries(values ?? {}).filter(([key]) => key.startsWith(CRON_SERVER_PREFIX)),
    );
  const labels = { ...kept(known.metadata.labels), ...next.metadata.labels };
  const annotations = { ...kept(known.metadata.annotations), ...next.metadata.annotations };
  const metadata = {
    ...next.metadata,
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
  return { ...next, metadata };
}

type WithStatus = DeclaredManifest & { readonly status?: unknown };

/** All but metadata and status. */
function specOf(manifest: DeclaredManifest): object {
  return omit(manifest as WithStatus, 'metadata', 'status');
}

/** Waits until this replica sees its own write, so that what comes next may rely on it. */
async function caughtUp(isThere: () => boolean): Promise<void> {
  const deadlineMs = Date.now() + REGISTRY_CATCH_UP_MS;
  while (!isThere() && Date.now() < deadlineMs) await pause(CATCH_UP_STEP_MS);
}

function lookupOf(copy: DeclaredResources): TemplateLookup {
  const find = <Kind extends DeclaredKind>(kind: Kind, namespace: string, name: string) =>
    copy.get(resourceKey(kind, storedNamespace(kind, namespace), name))?.manifest as
      Extract<DeclaredManifest, { readonly kind: Kind }> | undefined;
  const all = <Kind extends DeclaredKind>(kind: Kind, namespace?: string) =>
    copy
      .ofKind(kind.toLowerCase())
      .filter((one) => namespace === undefined || one.namespace === namespace)
      .map((one) => one.manifest as Extract<DeclaredManifest, { readonly kind: Kind }>);
  return {
    workflowTemplate: (namespace, name) => find('WorkflowTemplate', namespace, name),
    clusterWorkflowTemplate: (name) => find('ClusterWorkflowTemplate', '', name),
    configMap: (namespace, name) => find('ConfigMap', namespace, name),
    workflowTemplates: (namespace) => all('WorkflowTemplate', namespace),
    clusterWorkflowTemplates: () => all('ClusterWorkflowTemplate'),
    configMaps: (namespace) => all('ConfigMap', namespace),
  };
}

/** The kind of a manifest that may be declared. @throws ArgosyError INVALID_ARGUMENT */
export function declaredKind(kind: string): DeclaredKind {
  if (isDeclaredKind(kind)) return kind;
  const message =
    kind === 'Workflow'
      ? 'A Workflow is not declared but submitted.'
      : `The kind "${kind}" is not known; there are ${Object.keys(DECLARED_KINDS).join(', ')}.`;
  throw new ArgosyError('INVALID_ARGUMENT', message);
}
