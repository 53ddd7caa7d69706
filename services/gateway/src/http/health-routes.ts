import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../parts.ts';

const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** `/healthz`: the process answers. `/readyz`: it can do its work. `/metrics`: Prometheus. */
export function addHealthRoutes(app: FastifyInstance, parts: GatewayParts): void {
  app.route({ method: ['GET', 'HEAD'], url: '/healthz', handler: () => ({ status: 'ok' }) });
  app.route({
    method: ['GET', 'HEAD'],
    url: '/readyz',
    handler(_request, reply) {
      const readiness = parts.ready();
      return reply.code(readiness.ready ? 200 : 503).send(readiness);
    },
  });
  app.get('/metrics', async (_request, reply) => {
    const text = await parts.metrics.render();
    return reply.type(METRICS_CONTENT_TYPE).send(text);
  });
}
