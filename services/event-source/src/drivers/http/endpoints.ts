import { ArgosyError } from '@argosy/base';
import type { Logger } from '@argosy/telemetry';
import type { BodyBudget } from './body.ts';
import { answerRequest, type HttpAnswer, type HttpEndpoint, type HttpRequest } from './endpoint.ts';
import type { HttpLimits } from './limits.ts';
import { createRefusalLog } from './refusals.ts';
import { openPortServer, type PortServer } from './port-server.ts';

export interface EndpointsOptions {
  /** Address that the ports are opened on. */
  readonly host: string;
  readonly limits: HttpLimits;
  readonly logger: Logger;
}

/** All endpoints of the HTTP family in this process, by port and by event source. */
export interface Endpoints {
  /**
   * Makes the endpoint reachable; the first one on a port opens it. An endpoint of the same owner is replaced.
   * @throws ArgosyError FAILED_PRECONDITION when the port cannot be opened; ALREADY_EXISTS when another
   *   event has the same path on the same port.
   */
  add(endpoint: HttpEndpoint): Promise<void>;
  /** Takes the endpoint away if it is still the current one; the last one closes its port. */
  remove(endpoint: HttpEndpoint): Promise<void>;
  /** Makes the endpoint reachable through the gateway, whether or not its port can be opened. */
  announce(endpoint: HttpEndpoint): void;
  /** Takes back `announce`. */
  withdraw(endpoint: HttpEndpoint): void;
  /** Answers a request that came through the gateway for an event source. */
  deliver(namespace: string, eventSource: string, request: HttpRequest): Promise<HttpAnswer>;
}

interface Port {
  readonly byPath: Map<string, HttpEndpoint>;
  /** Settles when the port is open; one at a time opens and closes. */
  server: Promise<PortServer>;
}

export function createEndpoints(options: EndpointsOptions): Endpoints {
  const ports = new Map<number, Port>();
  const announced = new Set<HttpEndpoint>();
  const budget: BodyBudget = { usedBytes: 0 };
  const refusals = createRefusalLog(options.logger);
  // A port that is being closed must be free before it is opened again.
  const closing = new Map<number, Promise<void>>();

  async function openPort(port: number, byPath: Map<string, HttpEndpoint>): Promise<PortServer> {
    await closing.get(port);
    const endpointOf = (path: string): HttpEndpoint | undefined => byPath.get(path);
    return openPortServer({ ...options, port, budget, refusals, endpointOf });
  }

  return {
    async add(endpoint) {
      const port = ports.get(endpoint.port) ?? newPort(endpoint.port);
      const holder = port.byPath.get(endpoint.path);
      if (holder !== undefined && !sameOwner(holder, endpoint)) throw taken(holder, endpoint);
      port.byPath.set(endpoint.path, endpoint);
      try {
        await port.server;
      } catch (error) {
        if (port.byPath.get(endpoint.path) === endpoint) port.byPath.delete(endpoint.path);
        if (ports.get(endpoint.port) === port) ports.delete(endpoint.port);
        throw error;
      }
    },
    async remove(endpoint) {
      const port = ports.get(endpoint.port);
      if (port === undefined || port.byPath.get(endpoint.path) !== endpoint) return;
      port.byPath.delete(endpoint.path);
      if (port.byPath.size > 0) return;
      ports.delete(endpoint.port);
      const closed = port.server.then((server) => server.close());
      closing.set(endpoint.port, closed);
      await closed;
      if (closing.get(endpoint.port) === closed) closing.delete(endpoint.port);
    },
    announce: (endpoint) => void announced.add(endpoint),
    withdraw: (endpoint) => void announced.delete(endpoint),
    async deliver(namespace, eventSource, request) {
      const endpoint = Array.from(announced).find(
        ({ owner, path }) =>
          path === request.path &&
          owner.namespace === namespace &&
          owner.eventSource === eventSource,
      );
      if (endpoint === undefined) return { status: 404, body: '404 page not found' };
      const answer = await answerRequest(endpoint, request);
      if (answer.status >= 400 && answer.isLogged !== true) {
        const { status, body: reason } = answer;
        refusals.note({ ...endpoint.owner, path: request.path, status, reason });
      }
      return answer;
    },
  };

  function newPort(number: number): Port {
    const byPath = new Map<string, HttpEndpoint>();
    const port = { byPath, server: openPort(number, byPath) };
    // The failure is told to whoever adds an endpoint.
    port.server.catch(() => undefined);
    ports.set(number, port);
    return port;
  }
}

function sameOwner(left: HttpEndpoint, right: HttpEndpoint): boolean {
  return (
    left.owner.namespace === right.owner.namespace &&
    left.owner.eventSource === right.owner.eventSource &&
    left.owner.eventName === right.owner.eventName
  );
}

function taken(holder: HttpEndpoint, wanted: HttpEndpoint): ArgosyError {
  const { namespace, eventSource, eventName } = holder.owner;
  return new ArgosyError(
    'ALREADY_EXISTS',
    `the endpoint ${wanted.path} on port ${wanted.port} belongs to the event ${eventName} of the ` +
      `event source ${namespace}/${eventSource}; set another endpoint or port`,
  );
}
