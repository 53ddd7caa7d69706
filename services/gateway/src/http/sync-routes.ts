import { ArgosyError } from '@argosy/base';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GatewayParts } from '../parts.ts';
import { createSyncLimits, type SyncLimit, type SyncLimitName } from '../sync/sync-limits.ts';
import {
  fieldsOf,
  integerField,
  pathValue,
  queryOf,
  textField,
  type Fields,
} from './request-values.ts';

const BASE = '/api/v1/sync/:namespace';

/** Argo's sync service: `/api/v1/sync/{namespace}[/{key}]`, the limits of semaphores. */
export function addSyncRoutes(app: FastifyInstance, parts: GatewayParts): void {
  const limits = createSyncLimits(parts.bus);
  app.post(BASE, async (request) => {
    const fields = fieldsOf(request.body);
    return answerOf(await limits.create(limitOf(request, fields, textField(fields, 'key') ?? '')));
  });
  app.get(`${BASE}/:key`, async (request) => {
    return answerOf(await limits.get(nameOf(request, queryOf(request), keyOf(request))));
  });
  app.put(`${BASE}/:key`, async (request) => {
    return answerOf(await limits.update(limitOf(request, fieldsOf(request.body), keyOf(request))));
  });
  app.delete(`${BASE}/:key`, async (request) => {
    await limits.delete(nameOf(request, queryOf(request), keyOf(request)));
    return {};
  });
}

function keyOf(request: FastifyRequest): string {
  return pathValue(request, 'key');
}

function nameOf(request: FastifyRequest, fields: Fields, key: string): SyncLimitName {
  const type = typeOf(fields['type']);
  const namespace = pathValue(request, 'namespace');
  return { type, namespace, configMap: textField(fields, 'cmName') ?? '', key };
}

function limitOf(request: FastifyRequest, fields: Fields, key: string): SyncLimit {
  return { ...nameOf(request, fields, key), limit: integerField(fields, 'limit') ?? 0 };
}

/** By name or number, as protobuf's JSON has it; the first one is meant when none is given. */
function typeOf(value: unknown): SyncLimitName['type'] {
  const text = String(value ?? '').toUpperCase();
  if (text === '' || text === '0' || text === 'CONFIGMAP') return 'ConfigMap';
  if (text === '1' || text === 'DATABASE') return 'Database';
  const message = 'The field "type" must be CONFIGMAP or DATABASE.';
  throw new ArgosyError('INVALID_ARGUMENT', message);
}

function answerOf({ type, namespace, configMap, key, limit }: SyncLimit): object {
  return {
    type: type === 'ConfigMap' ? 'CONFIGMAP' : 'DATABASE',
    namespace,
    ...(configMap === '' ? {} : { cmName: configMap }),
    key,
    limit,
  };
}
