import { ArgosyError } from '@argosy/base';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { WEBHOOK_TIMEOUT_MS } from '../config.ts';
import type { GatewayParts } from '../parts.ts';
import type { Ingress } from '../peers.ts';
import { pathValue } from './request-values.ts';

/** Headers that concern one connection only and are not handed on. */
const HOP_HEADERS = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'content-length'];

/**
 * `/webhooks/{namespace}/{eventsource}/…`: any method, handed to the event-source service, which
 * answers only after the event is stored. No token of ours is asked for: the endpoint has its own.
 */
export function addWebhookRoutes(app: FastifyInstance, parts: GatewayParts): void {
  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => {
      parsed(null, body);
    });
    for (const path of ['', '/*']) {
      scope.all(`/webhooks/:namespace/:source${path}`, async (request, reply) => {
        const answer = await deliver(parts, request);
        for (const { name, value } of answer.headers) {
          if (!HOP_HEADERS.includes(name.toLowerCase())) void reply.header(name, value);
        }
        return reply.code(answer.status).send(Buffer.from(answer.body));
      });
    }
    done();
  });
}

type Delivered = Awaited<ReturnType<Ingress['deliver']>>;

/** Tries the live replicas one after the other; only a replica that was not reached is passed by. */
async function deliver(parts: GatewayParts, request: FastifyRequest): Promise<Delivered> {
  const message = {
    namespace: pathValue(request, 'namespace'),
    eventSource: pathValue(request, 'source'),
    method: request.method,
    path: pathBelow(request.url),
    headers: headersOf(request),
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  };
  for (const replica of await parts.ingress.inTurn()) {
    try {
      return await replica.deliver(message, { deadlineMs: WEBHOOK_TIMEOUT_MS });
    } catch (error) {
      if (ArgosyError.fromUnknown(error).code !== 'UNAVAILABLE') throw error;
      parts.ingress.suspect();
      parts.logger.debug({ err: error }, 'an event-source replica was not reached');
    }
  }
  const text = 'No event-source service is there to take the event: send it again later.';
  throw new ArgosyError('UNAVAILABLE', text);
}

/** What follows the first three parts of the path, with the query. */
function pathBelow(url: string): string {
  const at = url.indexOf('?');
  const path = at < 0 ? url : url.slice(0, at);
  const query = at < 0 ? '' : url.slice(at);
  return `/${path.split('/').slice(4).join('/')}${query}`;
}

function headersOf(request: FastifyRequest): { name: string; value: string }[] {
  const headers: { name: string; value: string }[] = [];
  for (let at = 0; at + 1 < request.raw.rawHeaders.length; at += 2) {
    const name = request.raw.rawHeaders[at] ?? '';
    const value = request.raw.rawHeaders[at + 1] ?? '';
    if (!HOP_HEADERS.includes(name.toLowerCase())) headers.push({ name, value });
  }
  return headers;
}
