import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { OBJECT_STORES } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { Artifact, Workflow } from '@argosy/model';
import { artifactObjectName } from '@argosy/runner';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayParts } from '../parts.ts';
import { findRunByUid } from '../runs/run-by-uid.ts';
import { getRun } from '../runs/run-objects.ts';
import { pathValue } from './request-values.ts';

type Side = 'inputs' | 'outputs';

/** Which artifact a path names. */
interface ArtifactPath {
  readonly workflow: Workflow;
  readonly nodeId: string;
  readonly side: Side;
  readonly name: string;
  /** Below an artifact that is a directory; empty: the artifact itself. */
  readonly file: string;
}

/**
 * Argo's downloads of artifacts: `/artifacts/{ns}/{name}/{node}/{artifact}` and `/input-artifacts/…`, both also
 * `…-by-uid/{uid}/…`, and `/artifact-files/{ns}/{workflows|archived-workflows}/{name|uid}/{node}/{side}/{artifact}`.
 * What is stored is sent as it is: a packed artifact is a tarball.
 */
export function addArtifactRoutes(app: FastifyInstance, parts: GatewayParts): void {
  const add = (path: string, side: Side | undefined): void => {
    app.get(path, async (request, reply) => {
      const workflow = await workflowOf(parts, request);
      const asked = pathValue(request, 'side') === 'inputs' ? 'inputs' : 'outputs';
      return sendArtifact(parts, reply, {
        workflow,
        nodeId: pathValue(request, 'node'),
        side: side ?? asked,
        name: pathValue(request, 'artifact'),
        file: pathValue(request, '*'),
      });
    });
  };
  add('/artifacts/:namespace/:name/:node/:artifact', 'outputs');
  add('/artifacts-by-uid/:uid/:node/:artifact', 'outputs');
  add('/input-artifacts/:namespace/:name/:node/:artifact', 'inputs');
  add('/input-artifacts-by-uid/:uid/:node/:artifact', 'inputs');
  const side = ':side(^inputs|outputs$)';
  for (const rest of ['', '/*']) {
    const end = `:node/${side}/:artifact${rest}`;
    add(`/artifact-files/:namespace/workflows/:name/${end}`, undefined);
    add(`/artifact-files/:namespace/archived-workflows/:uid/${end}`, undefined);
  }
}

async function workflowOf(parts: GatewayParts, request: FastifyRequest): Promise<Workflow> {
  const uid = pathValue(request, 'uid');
  const run =
    uid === ''
      ? { namespace: pathValue(request, 'namespace'), name: pathValue(request, 'name') }
      : findRunByUid(parts.index, uid);
  return (await getRun(parts, run.namespace, run.name)).workflow;
}

/** @throws ArgosyError NOT_FOUND that names what is missing. */
function artifactAt({ workflow, nodeId, side, name }: ArtifactPath): Artifact {
  const node = workflow.status?.nodes?.[nodeId];
  const run = workflow.metadata.name ?? '';
  if (node === undefined) {
    throw new ArgosyError('NOT_FOUND', `Workflow "${run}" has no node "${nodeId}".`);
  }
  const found = node[side]?.artifacts?.find((artifact) => artifact.name === name);
  if (found !== undefined) return found;
  const message = `Node "${nodeId}" of workflow "${run}" has no artifact "${name}" among its ${side}.`;
  throw new ArgosyError('NOT_FOUND', message);
}

async function sendArtifact(
  parts: GatewayParts,
  reply: FastifyReply,
  path: ArtifactPath,
): Promise<FastifyReply> {
  const artifact = artifactAt(path);
  if (artifact.raw !== undefined) return sendAs(reply, path.name, artifact.raw.data);
  const namespace = path.workflow.metadata.namespace ?? '';
  const whole = artifactObjectName(artifact, namespace);
  if (whole === undefined) {
    const message = `Artifact "${path.name}" does not lie in the store of this installation.`;
    throw new ArgosyError('UNIMPLEMENTED', message);
  }
  const below = path.file === '' ? '' : `/${path.file}`;
  const objectName = `${whole.replace(/\/+$/, '')}${below}`;
  const store = await parts.bus.objectStore(OBJECT_STORES.artifacts);
  const content = await store.get(objectName);
  if (content !== undefined) return sendAs(reply, basename(objectName), Readable.from(content));
  const names = await store.list(`${objectName}/`);
  if (names.length === 0) {
    throw new ArgosyError('NOT_FOUND', `Nothing is stored for artifact "${path.name}" any more.`);
  }
  // A directory is told by the names of its files; each can be had below this path.
  const files = names
    .map((name) => name.slice(objectName.length + 1))
    .filter((name) => name !== '');
  return reply.send({ files });
}

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/plain',
  csv: 'text/csv',
  gif: 'image/gif',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  json: 'application/json',
  log: 'text/plain',
  md: 'text/plain',
  png: 'image/png',
  svg: 'image/svg+xml',
  tgz: 'application/gzip',
  txt: 'text/plain',
  xml: 'text/xml',
  yaml: 'text/plain',
  yml: 'text/plain',
  zip: 'application/zip',
};

/** What a workflow wrote must not run as a page of this server: no scripts, and no guessing of types. */
function sendAs(reply: FastifyReply, name: string, content: string | Readable): FastifyReply {
  const ending = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  const type = TYPES[ending] ?? (typeof content === 'string' ? 'text/plain' : undefined);
  const quoted = encodeURIComponent(name);
  return reply
    .header('content-type', type ?? 'application/octet-stream')
    .header('content-disposition', `inline; filename*=UTF-8''${quoted}`)
    .header('content-security-policy', "sandbox; base-uri 'none'; default-src 'none'")
    .header('x-content-type-options', 'nosniff')
    .send(content);
}
