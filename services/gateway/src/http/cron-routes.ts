import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../parts.ts';
import { suspendCron } from '../resources/suspend-cron.ts';
import { pathValue } from './request-values.ts';
import { objectOf } from './resource-routes.ts';

/** Argo's `/api/v1/cron-workflows/{namespace}/{name}/{suspend|resume}`. */
export function addCronRoutes(app: FastifyInstance, parts: GatewayParts): void {
  for (const action of ['suspend', 'resume'] as const) {
    app.put(`/api/v1/cron-workflows/:namespace/:name/${action}`, async (request) => {
      const name = { namespace: pathValue(request, 'namespace'), name: pathValue(request, 'name') };
      return objectOf(await suspendCron(parts.registry, name, action === 'suspend'));
    });
  }
}
