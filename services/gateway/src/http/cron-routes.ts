import type { FastifyInstance } from 'fastify';
import type { CronWorkflow } from '@argosy/model';
import type { GatewayParts } from '../parts.ts';
import { pathValue } from './request-values.ts';
import { objectOf } from './resource-routes.ts';

/** Argo's `/api/v1/cron-workflows/{namespace}/{name}/{suspend|resume}`. */
export function addCronRoutes(app: FastifyInstance, parts: GatewayParts): void {
  for (const action of ['suspend', 'resume'] as const) {
    app.put(`/api/v1/cron-workflows/:namespace/:name/${action}`, async (request) => {
      const namespace = pathValue(request, 'namespace');
      const name = pathValue(request, 'name');
      const found = await parts.registry.get({ kind: 'CronWorkflow', namespace, name });
      const cron = found.manifest as CronWorkflow;
      const changed = { ...cron, spec: { ...cron.spec, suspend: action === 'suspend' } };
      const { resource } = await parts.registry.write(changed, { mode: 'Replace' });
      return objectOf(resource);
    });
  }
}
