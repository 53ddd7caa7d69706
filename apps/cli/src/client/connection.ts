import { EventService, InfoService, ResourceService, WorkflowService } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { createRpcClient, type RpcClient } from '@argosy/rpc';
import { findInstance, openHome } from '../embedded/home.ts';

/** The gateway's APIs, as the commands use them. */
export interface Connection {
  readonly workflows: RpcClient<typeof WorkflowService>;
  readonly resources: RpcClient<typeof ResourceService>;
  readonly events: RpcClient<typeof EventService>;
  readonly info: RpcClient<typeof InfoService>;
  close(): void;
}

/** Where the gateway is and who calls. */
export interface Endpoint {
  readonly rpcAddress: string;
  readonly token: string;
}

export interface EndpointOptions {
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly home?: string | undefined;
}

/** Opens the clients; the first call connects. */
export function connect(endpoint: Endpoint): Connection {
  const { rpcAddress, token } = endpoint;
  const workflows = createRpcClient(WorkflowService, rpcAddress, { token });
  const resources = createRpcClient(ResourceService, rpcAddress, { token });
  const events = createRpcClient(EventService, rpcAddress, { token });
  const info = createRpcClient(InfoService, rpcAddress, { token });
  return {
    workflows,
    resources,
    events,
    info,
    close() {
      for (const client of [workflows, resources, events, info]) client.close();
    },
  };
}

/**
 * The gateway named by --server or ARGOSY_SERVER (token: --token or ARGOSY_TOKEN), else the installation that
 * runs on this home; undefined when there is none.
 */
export function findEndpoint(
  options: EndpointOptions,
  env: NodeJS.ProcessEnv = process.env,
): Endpoint | undefined {
  const server = options.server ?? env['ARGOSY_SERVER'];
  const token = options.token ?? env['ARGOSY_TOKEN'];
  if (server !== undefined && server !== '') return { rpcAddress: server, token: token ?? '' };
  const home = openHome(options.home, env);
  const instance = findInstance(home);
  if (instance === undefined) return undefined;
  return { rpcAddress: instance.rpcAddress, token: token ?? home.token() };
}

/** @throws ArgosyError UNAVAILABLE that says how to start one, when no gateway is known. */
export function requireEndpoint(
  options: EndpointOptions,
  env: NodeJS.ProcessEnv = process.env,
): Endpoint {
  const endpoint = findEndpoint(options, env);
  if (endpoint !== undefined) return endpoint;
  throw new ArgosyError(
    'UNAVAILABLE',
    'no Argosy is running here: start one with `argosy up` in another terminal, ' +
      'or name one with --server HOST:PORT (or ARGOSY_SERVER)',
    { retry: 'never' },
  );
}
