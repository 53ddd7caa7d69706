import { ArgosyError } from '@argosy/base';
import type { RunSummary } from '@argosy/core-workflow';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GatewayParts } from '../parts.ts';
import { controlRun, deleteRun } from '../runs/run-actions.ts';
import { findRunByUid } from '../runs/run-by-uid.ts';
import { labelsOf, runMatcher, type RunFilter } from '../runs/run-filter.ts';
import { getRun } from '../runs/run-objects.ts';
import { maskFields } from './field-mask.ts';
import {
  fieldsOf,
  pathValue,
  queryOf,
  senderOf,
  textField,
  type Fields,
} from './request-values.ts';
import { listAnswer } from './workflow-list.ts';
import { resubmit, retryCommand } from './workflow-routes.ts';

const BASE = '/api/v1/archived-workflows';

/**
 * Argo's archive: finished runs by uid. Here nothing has to be moved into it; a run's facts stay until it is deleted,
 * so the archive is another view of the same runs.
 */
export function addArchiveRoutes(app: FastifyInstance, parts: GatewayParts): void {
  app.get(BASE, async (request) => {
    const query = queryOf(request);
    const namespace = textField(query, 'namespace') ?? namespaceOf(query);
    const answer = await listAnswer(parts, { query, namespace, isWhole: false, finished: true });
    return maskFields(answer, textField(query, 'fields'));
  });
  app.get(`${BASE}-label-keys`, (request) => {
    const keys = archived(parts, queryOf(request)).flatMap((run) => Object.keys(labelsOf(run)));
    return { items: sorted(keys) };
  });
  app.get(`${BASE}-label-values`, (request) => {
    const query = queryOf(request);
    const key = labelKey(query);
    const values = archived(parts, query).flatMap((run) => labelsOf(run)[key] ?? []);
    return { items: sorted(values) };
  });
  app.get(`${BASE}/:uid`, async (request) => {
    const { namespace, name } = runOf(parts, request);
    const { workflow } = await getRun(parts, namespace, name);
    return maskFields(workflow, textField(queryOf(request), 'fields'));
  });
  app.delete(`${BASE}/:uid`, async (request) => {
    await deleteRun(parts, { ...runOf(parts, request), sender: senderOf(request) });
    return {};
  });
  app.put(`${BASE}/:uid/retry`, async (request) => {
    const run = runOf(parts, request);
    const command = retryCommand(fieldsOf(request.body));
    await controlRun(parts, { ...run, sender: senderOf(request) }, command);
    return (await getRun(parts, run.namespace, run.name)).workflow;
  });
  app.put(`${BASE}/:uid/resubmit`, (request) => resubmit(parts, runOf(parts, request), request));
}

/** A run that is still going on is in no archive. @throws ArgosyError NOT_FOUND */
function runOf(
  parts: GatewayParts,
  request: FastifyRequest,
): Pick<RunSummary, 'namespace' | 'name'> {
  const uid = pathValue(request, 'uid');
  const { namespace, name, finishedAt } = findRunByUid(parts.index, uid);
  if (finishedAt !== undefined) return { namespace, name };
  const message = `Workflow "${name}" is not archived: it has not ended yet.`;
  throw new ArgosyError('NOT_FOUND', message);
}

/** Argo's clients name the namespace of the archive by a field selector. */
function namespaceOf(query: Fields): string {
  const selector = textField(query, 'listOptions.fieldSelector') ?? '';
  return /(?:^|,)metadata\.namespace==?([^,]+)/.exec(selector)?.[1] ?? '';
}

function archived(parts: GatewayParts, query: Fields): readonly RunSummary[] {
  const filter: RunFilter = { namespace: textField(query, 'namespace') ?? '', finished: true };
  const matches = runMatcher(filter);
  return Array.from(parts.index.all(), ([, summary]) => summary).filter(matches);
}

/** The label whose values are asked for stands in the label selector, alone. */
function labelKey(query: Fields): string {
  const key = textField(query, 'listOptions.labelSelector');
  if (key !== undefined) return key;
  const message = 'The query has to name a label: listOptions.labelSelector=<key>.';
  throw new ArgosyError('INVALID_ARGUMENT', message);
}

function sorted(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}
