import { ArgosyError } from '@argosy/base';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GatewayParts } from '../parts.ts';
import { applyManifests } from '../resources/apply.ts';
import type { DeclaredKind, DeclaredManifest } from '../resources/kinds.ts';
import type { StoredResource, WriteMode } from '../resources/registry.ts';
import { labelMatcher } from '../runs/run-filter.ts';
import { lintManifests } from '../submission/lint.ts';
import { refuseProblems } from '../submission/manifest.ts';
import { maskFields } from './field-mask.ts';
import { manifestOfBody } from './manifest-body.ts';
import { pathValue, queryOf, textField } from './request-values.ts';

/** Where Argo has each kind, and under which field a body holds its manifest. */
interface ResourcePath {
  readonly kind: DeclaredKind;
  readonly path: string;
  readonly fields: readonly string[];
}

const PATHS: readonly ResourcePath[] = [
  {
    kind: 'WorkflowTemplate',
    path: '/api/v1/workflow-templates/:namespace',
    fields: ['template', 'workflowTemplate'],
  },
  {
    kind: 'ClusterWorkflowTemplate',
    path: '/api/v1/cluster-workflow-templates',
    fields: ['template', 'clusterWorkflowTemplate'],
  },
  { kind: 'CronWorkflow', path: '/api/v1/cron-workflows/:namespace', fields: ['cronWorkflow'] },
  { kind: 'EventSource', path: '/api/v1/event-sources/:namespace', fields: ['eventSource'] },
  { kind: 'Sensor', path: '/api/v1/sensors/:namespace', fields: ['sensor'] },
  {
    kind: 'WorkflowEventBinding',
    path: '/api/v1/workflow-event-bindings/:namespace',
    fields: ['workflowEventBinding'],
  },
];

/** Create, read, replace, delete and lint of declared manifests, as Argo's services have them. */
export function addResourceRoutes(app: FastifyInstance, parts: GatewayParts): void {
  for (const resource of PATHS) {
    const { kind, path, fields } = resource;
    const nameOf = (request: FastifyRequest): Parameters<typeof parts.registry.get>[0] => ({
      kind,
      namespace: pathValue(request, 'namespace'),
      name: pathValue(request, 'name'),
    });
    const list = (request: FastifyRequest): unknown => listOf(parts, kind, request);
    app.get(path, list);
    // The same over all namespaces.
    if (path.endsWith('/:namespace')) app.get(path.slice(0, -'/:namespace'.length), list);
    app.post(path, (request) => write(parts, resource, request, 'Create'));
    app.post(`${path}/lint`, (request) => {
      const source = manifestOfBody(request, fields, kind);
      const namespace = namespaceOf(parts, request);
      const { problems, manifests } = lintManifests(parts.registry, { source, namespace });
      refuseProblems(problems);
      return manifests[0];
    });
    app.get(`${path}/:name`, async (request) => {
      const found = objectOf(await parts.registry.get(nameOf(request)));
      return maskFields(found, textField(queryOf(request), 'fields'));
    });
    app.put(`${path}/:name`, (request) => write(parts, resource, request, 'Replace'));
    app.delete(`${path}/:name`, async (request) => {
      await parts.registry.delete(nameOf(request));
      return {};
    });
  }
}

function namespaceOf(parts: GatewayParts, request: FastifyRequest): string {
  return pathValue(request, 'namespace') || parts.namespaceDefault;
}

function listOf(parts: GatewayParts, kind: DeclaredKind, request: FastifyRequest): unknown {
  const query = queryOf(request);
  const namespace = pathValue(request, 'namespace');
  const matches = labelMatcher(textField(query, 'listOptions.labelSelector') ?? '');
  const items = parts.registry
    .list(kind, namespace === '' ? undefined : namespace)
    .filter(({ manifest }) => matches(manifest.metadata.labels ?? {}))
    .map(objectOf);
  const answer = { metadata: {}, items: items.length === 0 ? null : items };
  return maskFields(answer, textField(query, 'fields'));
}

async function write(
  parts: GatewayParts,
  resource: ResourcePath,
  request: FastifyRequest,
  mode: WriteMode,
): Promise<unknown> {
  const source = manifestOfBody(request, resource.fields, resource.kind);
  const { applied } = await applyManifests(parts.registry, {
    source,
    namespace: namespaceOf(parts, request),
    mode,
    expect: {
      kind: resource.kind,
      namespace: pathValue(request, 'namespace'),
      name: pathValue(request, 'name'),
    },
  });
  const [first] = applied;
  if (first === undefined) throw new ArgosyError('INTERNAL', 'Nothing was written.');
  return objectOf(first.resource);
}

/** As Kubernetes shows it: the revision is the resource version. */
export function objectOf({ manifest, revision }: StoredResource): DeclaredManifest {
  const metadata = { ...manifest.metadata, resourceVersion: String(revision) };
  return { ...manifest, metadata } as DeclaredManifest;
}
