import { randomUUID } from 'node:crypto';
import {
  bindingEventSubject,
  encodeBindingEvent,
  EVENT_TYPES,
  type BindingEvent,
} from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { BINDING_EVENT_BYTES_MAX } from '../config.ts';
import { webhookClientOf } from '../events/webhook-clients.ts';
import type { GatewayParts } from '../parts.ts';
import { pathValue, senderOf } from './request-values.ts';

/** Below it whoever brings no token must have signed the body. */
export const BINDING_EVENTS_PATH = '/api/v1/events/:namespace';

/**
 * Argo's `POST /api/v1/events/{namespace}/{discriminator}`: an event for the WorkflowEventBindings of the namespace.
 * It is stored before the answer, so that none is lost; that none of the bindings wants it is no error.
 */
export function addBindingEventRoutes(app: FastifyInstance, parts: GatewayParts): void {
  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => {
      parsed(null, body);
    });
    for (const path of [BINDING_EVENTS_PATH, `${BINDING_EVENTS_PATH}/:discriminator`]) {
      scope.post(path, { bodyLimit: BINDING_EVENT_BYTES_MAX }, async (request) => {
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        await authenticateSender(parts, request, body);
        await publish(parts, request, eventOf(request, body));
        return {};
      });
    }
    done();
  });
}

/** A caller with a token was let in before. @throws ArgosyError UNAUTHENTICATED */
async function authenticateSender(
  parts: GatewayParts,
  request: FastifyRequest,
  body: Buffer,
): Promise<void> {
  if (request.headers.authorization !== undefined) return;
  const namespace = pathValue(request, 'namespace');
  const client = await webhookClientOf(parts.bus, namespace, { headers: request.headers, body });
  request.user = client === undefined ? parts.authenticate(undefined) : `webhook/${client}`;
}

function eventOf(request: FastifyRequest, body: Buffer): BindingEvent {
  return {
    namespace: pathValue(request, 'namespace'),
    discriminator: pathValue(request, 'discriminator'),
    metadata: metadataOf(request.raw.rawHeaders),
    payload: payloadOf(body.toString('utf8')),
  };
}

/** Only `x-` headers: others, such as the token, are nobody's business. */
function metadataOf(rawHeaders: readonly string[]): Record<string, string[]> {
  const metadata = new Map<string, string[]>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    if (!name.startsWith('x-')) continue;
    metadata.set(name, [...(metadata.get(name) ?? []), rawHeaders[at + 1] ?? '']);
  }
  return Object.fromEntries(metadata);
}

function payloadOf(text: string): unknown {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const reason = ArgosyError.fromUnknown(error).message;
    throw new ArgosyError('INVALID_ARGUMENT', `The body must be JSON: ${reason}.`);
  }
}

async function publish(
  parts: GatewayParts,
  request: FastifyRequest,
  event: BindingEvent,
): Promise<void> {
  const { namespace, discriminator } = event;
  const { traceparent } = senderOf(request);
  await parts.bus.publish({
    subject: bindingEventSubject(namespace, discriminator),
    event: {
      id: randomUUID(),
      source: `/${namespace}/events/${discriminator}`,
      type: EVENT_TYPES.bindingEvent,
      time: new Date().toISOString(),
      datacontenttype: 'application/json',
      data: encodeBindingEvent(event),
    },
    ...(traceparent === undefined ? {} : { traceparent }),
  });
}
