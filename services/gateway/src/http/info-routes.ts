import { timeText } from '@argosy/base';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../parts.ts';

/** Argo's `/api/v1/info`, `/api/v1/version` and `/api/v1/userinfo`. */
export function addInfoRoutes(app: FastifyInstance, parts: GatewayParts): void {
  app.get('/api/v1/info', () => ({
    managedNamespace: '',
    links: [],
    columns: [],
    modals: {},
    navColor: '',
  }));
  app.get('/api/v1/version', () => ({
    version: parts.identity.version,
    buildDate: timeText(parts.identity.startedAtMs),
    gitCommit: '',
    gitTag: '',
    gitTreeState: '',
    goVersion: '',
    compiler: `node ${process.versions.node}`,
    platform: `${process.platform}/${process.arch}`,
  }));
  app.get('/api/v1/userinfo', (request) => ({
    subject: request.user,
    issuer: 'argosy',
    groups: [],
  }));
}
