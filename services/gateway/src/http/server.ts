import { ArgosyError } from '@argosy/base';
import { statusNumberOf } from '@argosy/rpc';
import { traceFields } from '@argosy/telemetry';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { HTTP_BODY_BYTES_MAX, HTTP_REQUEST_TIMEOUT_MS } from '../config.ts';
import type { GatewayParts } from '../parts.ts';
import { addArchiveRoutes } from './archive-routes.ts';
import { addArtifactRoutes } from './artifact-routes.ts';
import { addCloudEventRoutes } from './cloud-event-routes.ts';
import { addDeadLetterRoutes } from './dead-letter-routes.ts';
import { discarded } from './discarded-body.ts';
import { addBindingEventRoutes, BINDING_EVENTS_PATH } from './binding-event-routes.ts';
import { addCronRoutes } from './cron-routes.ts';
import { errorAnswer } from './errors.ts';
import { addEventStreamRoutes } from './event-stream-routes.ts';
import { addHealthRoutes } from './health-routes.ts';
import { addHistoryRoutes } from './history-routes.ts';
import { addInfoRoutes } from './info-routes.ts';
import { addLogRoutes } from './log-routes.ts';
import { addResourceRoutes } from './resource-routes.ts';
import { addStoredEventRoutes } from './stored-event-routes.ts';
import { addSyncRoutes } from './sync-routes.ts';
import { addWatchRoutes } from './watch-routes.ts';
import { addWebhookRoutes } from './webhook-routes.ts';
import { addWorkflowRoutes } from './workflow-routes.ts';

/** Paths that need no token: probes, and web hooks, whose senders have secrets of their own. */
const OPEN_PATH = /^\/(?:healthz|readyz|webhooks\/.*)$/;

/** The REST side of the gateway, not listening yet. */
export function createHttpServer(parts: GatewayParts): FastifyInstance {
  const app = Fastify({
    bodyLimit: HTTP_BODY_BYTES_MAX,
    // A HEAD of a stream would never end.
    exposeHeadRoutes: false,
    requestTimeout: HTTP_REQUEST_TIMEOUT_MS,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 512 },
    // Streams end by the parts' own signal; idle connections are closed at once.
    forceCloseConnections: 'idle',
  });
  app.decorateRequest('user', '');
  addBodies(app);
  addAuthentication(app, parts);
  addErrors(app, parts);
  addRequestMetrics(app, parts);
  const add = [
    addHealthRoutes,
    addInfoRoutes,
    addWorkflowRoutes,
    addHistoryRoutes,
    addArchiveRoutes,
    addArtifactRoutes,
    addWatchRoutes,
    addLogRoutes,
    addResourceRoutes,
    addCronRoutes,
    addCloudEventRoutes,
    addWebhookRoutes,
    addBindingEventRoutes,
    addEventStreamRoutes,
    addStoredEventRoutes,
    addDeadLetterRoutes,
    addSyncRoutes,
  ];
  for (const routes of add) routes(app, parts);
  return app;
}

/**
 * YAML comes as text, so that problems can be told with their lines. An empty JSON body is none. What curl
 * calls a body by itself is JSON too: Argo's server does not look at the type, and its users rely on that.
 */
function addBodies(app: FastifyInstance): void {
  const types = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml'];
  app.addContentTypeParser(types, { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  const jsonTypes = ['application/json', 'application/x-www-form-urlencoded'];
  app.addContentTypeParser(jsonTypes, { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parseJson(request, body as string, done);
  });
}

function addAuthentication(app: FastifyInstance, parts: GatewayParts): void {
  app.addHook('onRequest', (request, _reply, done) => {
    try {
      if (!isOpen(request)) request.user = parts.authenticate(request.headers.authorization);
      done();
    } catch (error) {
      done(ArgosyError.fromUnknown(error));
    }
  });
}

/** By the route that was found, so that no spelling of a path opens another one. */
function isOpen(request: FastifyRequest): boolean {
  const url = request.routeOptions.url ?? '';
  // Such a route lets in who has signed the body, which is not there yet; it asks itself.
  const isSigned = request.headers.authorization === undefined;
  return OPEN_PATH.test(url) || (isSigned && url.startsWith(BINDING_EVENTS_PATH));
}

function addErrors(app: FastifyInstance, parts: GatewayParts): void {
  app.setErrorHandler(async (error, request, reply) => {
    const { status, body } = errorAnswer(error);
    if (status === 413 && (await discarded(request.raw))) reply.removeHeader('connection');
    if (status === 500) {
      const route = request.routeOptions.url;
      const { traceparent } = request.headers;
      const trace = typeof traceparent === 'string' ? traceFields(traceparent) : {};
      parts.logger.error({ err: error, method: request.method, route, ...trace }, body.message);
    }
    if (status === 401) void reply.header('www-authenticate', 'Bearer');
    return reply.code(status).send(body);
  });
  app.setNotFoundHandler((request, reply) => {
    const message = `There is no ${request.method} ${request.url.split('?')[0] ?? ''} here.`;
    return reply.code(404).send({ code: statusNumberOf('NOT_FOUND'), message });
  });
}

function addRequestMetrics(app: FastifyInstance, parts: GatewayParts): void {
  const requests = parts.metrics.instrument({
    kind: 'counter',
    name: 'argosy_http_requests_total',
    help: 'Requests to the gateway by route and status.',
    labels: ['method', 'route', 'status'],
  });
  const durations = parts.metrics.instrument({
    kind: 'histogram',
    name: 'argosy_http_request_duration_seconds',
    help: 'Time from the headers of a request to the end of its answer.',
    labels: ['method', 'route'],
  });
  app.addHook('onResponse', (request, reply, done) => {
    const labels = { method: request.method, route: request.routeOptions.url ?? 'none' };
    requests.add(1, { ...labels, status: String(reply.statusCode) });
    durations.observe(reply.elapsedTime / 1_000, labels);
    // The route, not the URL: senders of web hooks put secrets into queries.
    const { user } = request;
    const facts = { ...labels, user, status: reply.statusCode, durationMs: reply.elapsedTime };
    parts.logger.debug(facts, 'request answered');
    done();
  });
}
