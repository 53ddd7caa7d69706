import type { Workflow } from '@argosy/model';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GatewayParts } from '../parts.ts';
import { summaryObject } from '../runs/run-objects.ts';
import { watchRun, watchRuns, type RunChange } from '../runs/run-watch.ts';
import { pathValue, queryOf, textField } from './request-values.ts';
import { sendStream, streamSignal } from './streams.ts';
import { fieldName, filterOfQuery } from './workflow-list.ts';

/**
 * Argo's `/api/v1/workflow-events/{namespace}`: ADDED, MODIFIED and DELETED with objects as lists show
 * them; with the field selector `metadata.name=x` whole objects of that one run.
 */
export function addWatchRoutes(app: FastifyInstance, parts: GatewayParts): void {
  app.get('/api/v1/workflow-events/:namespace', (request, reply) =>
    sendStream(request, reply, eventsOf(parts, request, streamSignal(reply, parts.stopping))),
  );
  app.get('/api/v1/workflow-events', (request, reply) =>
    sendStream(request, reply, eventsOf(parts, request, streamSignal(reply, parts.stopping))),
  );
}

function eventsOf(
  parts: GatewayParts,
  request: FastifyRequest,
  signal: AbortSignal,
): AsyncIterable<unknown> {
  const query = queryOf(request);
  const namespace = pathValue(request, 'namespace');
  const name = fieldName(textField(query, 'listOptions.fieldSelector'));
  if (name !== undefined && namespace !== '')
    return eventsOfOne(parts, { namespace, name }, signal);
  return eventsOfAll(watchRuns(parts.index, filterOfQuery(query, namespace), signal));
}

const TYPES: Readonly<Record<Exclude<RunChange['kind'], 'CaughtUp'>, string>> = {
  Added: 'ADDED',
  Modified: 'MODIFIED',
  Deleted: 'DELETED',
};

async function* eventsOfAll(changes: AsyncIterable<RunChange>): AsyncIterable<unknown> {
  for await (const change of changes) {
    if (change.kind === 'CaughtUp') continue;
    yield { type: TYPES[change.kind], object: summaryObject(change.summary) };
  }
}

/** Ends with DELETED when the run is removed, or another one takes its name. */
async function* eventsOfOne(
  parts: GatewayParts,
  run: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): AsyncIterable<unknown> {
  const gone = new AbortController();
  let shown: Workflow | undefined;
  const lookWhetherGone = (): void => {
    const uid = shown?.metadata.uid;
    const now = parts.index.get(run.namespace, run.name)?.uid;
    if (uid !== undefined && now !== uid) gone.abort();
  };
  const stopListening = parts.index.onChange(lookWhetherGone);
  const inner = AbortSignal.any([signal, gone.signal]);
  try {
    for await (const { workflow } of watchRun(parts, { ...run, beyondEnd: true }, inner)) {
      const type = shown === undefined ? 'ADDED' : 'MODIFIED';
      shown = workflow;
      yield { type, object: workflow };
      lookWhetherGone();
    }
  } finally {
    stopListening();
  }
  if (gone.signal.aborted && !signal.aborted) yield { type: 'DELETED', object: shown };
}
