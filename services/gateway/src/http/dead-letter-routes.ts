import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  deleteDeadLetter,
  getDeadLetter,
  listDeadLetters,
  redriveDeadLetter,
  type DeadLetterName,
} from '../events/dead-letters.ts';
import type { GatewayParts } from '../parts.ts';
import { integerField, pathValue, queryOf, senderOf, textField } from './request-values.ts';

const BASE = '/api/v1/dead-letters/:namespace';

/** `/api/v1/dead-letters/{namespace}[/{id}]`: firings of sensors that failed at all attempts. */
export function addDeadLetterRoutes(app: FastifyInstance, parts: GatewayParts): void {
  const { bus } = parts;
  app.get(BASE, async (request) => {
    const query = queryOf(request);
    const { letters, more } = await listDeadLetters(bus, {
      namespace: pathValue(request, 'namespace'),
      sensor: textField(query, 'sensor') ?? '',
      trigger: textField(query, 'trigger') ?? '',
      limit: integerField(query, 'limit') ?? 0,
    });
    return { items: letters, more };
  });
  app.get(`${BASE}/:id`, async (request) => getDeadLetter(bus, nameOf(request)));
  app.post(`${BASE}/:id/redrive`, async (request) => {
    const { id, outcome } = await redriveDeadLetter(parts, nameOf(request), senderOf(request));
    return { id, outcome };
  });
  app.delete(`${BASE}/:id`, async (request) => ({
    id: await deleteDeadLetter(bus, nameOf(request)),
  }));
}

function nameOf(request: FastifyRequest): DeadLetterName {
  return { namespace: pathValue(request, 'namespace'), id: pathValue(request, 'id') };
}
