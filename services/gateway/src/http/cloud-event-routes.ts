import { eventsOfRequest } from '@argosy/shell';
import type { FastifyInstance } from 'fastify';
import { publishEvent } from '../events/publish.ts';
import type { GatewayParts } from '../parts.ts';
import { DEFAULT_EVENT_BUS } from '../events/addresses.ts';
import { pathValue, senderOf } from './request-values.ts';

/**
 * `POST /cloudevents/{namespace}[/{bus}]/{source}/{event}`: CloudEvents in structured, binary or
 * batched mode, stored where sensors look for events of that source and name. Answered after all are
 * stored; of a batch that fails in the middle the first ones are, and sending it again doubles none.
 */
export function addCloudEventRoutes(app: FastifyInstance, parts: GatewayParts): void {
  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => {
      parsed(null, body);
    });
    for (const path of ['/:namespace/:source/:event', '/:namespace/:bus/:source/:event']) {
      scope.post(`/cloudevents${path}`, async (request) => {
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const address = {
          namespace: pathValue(request, 'namespace'),
          eventBus: pathValue(request, 'bus') || DEFAULT_EVENT_BUS,
          eventSource: pathValue(request, 'source'),
          eventName: pathValue(request, 'event'),
        };
        const sender = senderOf(request);
        const events = [];
        for (const event of await eventsOfRequest(request.headers, body)) {
          events.push(await publishEvent(parts.bus, address, { event, sender }));
        }
        return { events };
      });
    }
    done();
  });
}
