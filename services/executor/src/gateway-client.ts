import { ResourceService, WorkflowService } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { createRpcClient, type RpcClient } from '@argosy/rpc';
import type { ResourceClient, ResourceObject, ResourceReference } from '@argosy/runner';

/** Where the gateway answers, which keeps the objects that resource templates work on. */
export interface GatewayEndpoint {
  /** `host:port`; may be known only after this service has started. */
  address(): Promise<string>;
  readonly token: string;
}

interface Clients {
  readonly workflows: RpcClient<typeof WorkflowService>;
  readonly resources: RpcClient<typeof ResourceService>;
}

/** Objects of this installation, by the gateway's public API. The first call connects. */
export interface GatewayClient extends ResourceClient {
  close(): void;
}

/** @param endpoint undefined: every call says what to configure. */
export function createGatewayClient(endpoint: GatewayEndpoint | undefined): GatewayClient {
  let connecting: Promise<Clients> | undefined;
  const clients = (): Promise<Clients> => (connecting ??= connect(endpoint));
  return {
    create: async (object, signal) => {
      const { workflows, resources } = await clients();
      if (object.kind === 'Workflow') return submit(workflows, object, signal);
      const { namespace = '', name = '' } = object.metadata;
      const taken = await find({ workflows, resources }, { ...object, namespace, name }, signal);
      if (taken === undefined) return apply(resources, object, signal);
      throw new ArgosyError('ALREADY_EXISTS', `${object.kind} "${name}" already exists`);
    },
    apply: async (object, signal) => apply((await clients()).resources, object, signal),
    get: async (reference, signal) => find(await clients(), reference, signal),
    delete: async ({ kind, namespace, name }, signal) => {
      const { workflows, resources } = await clients();
      if (kind === 'Workflow') await workflows.deleteWorkflow({ namespace, name }, { signal });
      else await resources.deleteResource({ kind, namespace, name }, { signal });
    },
    close() {
      void connecting?.then((open) => {
        open.workflows.close();
        open.resources.close();
      });
    },
  };
}

/** @throws ArgosyError FAILED_PRECONDITION without an endpoint */
async function connect(endpoint: GatewayEndpoint | undefined): Promise<Clients> {
  if (endpoint === undefined) {
    const message = 'resource templates need the gateway: set ARGOSY_SERVER and ARGOSY_TOKEN';
    throw new ArgosyError('FAILED_PRECONDITION', `${message} for the executor`);
  }
  const { token } = endpoint;
  const address = await endpoint.address();
  return {
    workflows: createRpcClient(WorkflowService, address, { token }),
    resources: createRpcClient(ResourceService, address, { token }),
  };
}

async function submit(
  workflows: Clients['workflows'],
  object: ResourceObject,
  signal: AbortSignal,
): Promise<ResourceObject> {
  const answer = await workflows.submitWorkflow(
    { source: { case: 'manifest', value: bytesOf(object) } },
    { signal },
  );
  return objectOf(answer.workflowJson);
}

async function apply(
  resources: Clients['resources'],
  object: ResourceObject,
  signal: AbortSignal,
): Promise<ResourceObject> {
  const { namespace = '' } = object.metadata;
  const request = { namespace, manifests: bytesOf(object) };
  const [applied] = (await resources.applyResources(request, { signal })).resources;
  return objectOf(applied?.resource?.manifestJson);
}

async function find(
  { workflows, resources }: Clients,
  { kind, namespace, name }: ResourceReference,
  signal: AbortSignal,
): Promise<ResourceObject | undefined> {
  try {
    if (kind === 'Workflow') {
      const { workflow } = await workflows.getWorkflow({ namespace, name }, { signal });
      return objectOf(workflow?.workflowJson);
    }
    const { resource } = await resources.getResource({ kind, namespace, name }, { signal });
    return objectOf(resource?.manifestJson);
  } catch (thrown) {
    if (ArgosyError.fromUnknown(thrown).code === 'NOT_FOUND') return undefined;
    throw thrown;
  }
}

function bytesOf(object: ResourceObject): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(object));
}

/** @throws ArgosyError INTERNAL for an answer without an object. */
function objectOf(json: Uint8Array | undefined): ResourceObject {
  if (json !== undefined) return JSON.parse(new TextDecoder().decode(json)) as ResourceObject;
  throw new ArgosyError('INTERNAL', 'the gateway answered without an object');
}
