import type { FastifyInstance, FastifyRequest } from 'fastify';
import { eventsOfRun, eventsOfRuns } from '../events/event-stream.ts';
import type { RunEvent } from '../events/run-events.ts';
import type { GatewayParts } from '../parts.ts';
import { findRun } from '../runs/run-objects.ts';
import { pathValue, queryOf, textField } from './request-values.ts';
import { sendStream, streamSignal } from './streams.ts';

/**
 * Argo's `/api/v1/stream/events/{namespace}`: the events that its controller records about workflows. With the field
 * selector `involvedObject.name=x` those of one run from its begin, else those of all runs that are live.
 */
export function addEventStreamRoutes(app: FastifyInstance, parts: GatewayParts): void {
  for (const path of ['/api/v1/stream/events', '/api/v1/stream/events/:namespace']) {
    app.get(path, (request, reply) =>
      sendStream(request, reply, eventsOf(parts, request, streamSignal(reply, parts.stopping))),
    );
  }
}

async function* eventsOf(
  parts: GatewayParts,
  request: FastifyRequest,
  signal: AbortSignal,
): AsyncIterable<RunEvent> {
  const namespace = pathValue(request, 'namespace');
  const selector = textField(queryOf(request), 'listOptions.fieldSelector') ?? '';
  const fields = new Map(selector.split(',').map((part) => splitAtEquals(part)));
  const kind = fields.get('involvedObject.kind') ?? 'Workflow';
  if (kind !== 'Workflow') return;
  const name = fields.get('involvedObject.name');
  if (name === undefined || namespace === '') {
    yield* eventsOfRuns(parts, namespace, signal);
    return;
  }
  yield* eventsOfRun(parts, await findRun(parts, namespace, name), signal);
}

function splitAtEquals(part: string): readonly [string, string] {
  const at = part.indexOf('=');
  const value = part.slice(at + 1);
  return [part.slice(0, at), value.startsWith('=') ? value.slice(1) : value];
}
