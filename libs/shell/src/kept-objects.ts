import { ResourceService, WorkflowService } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { createRpcClient, type RpcClient } from '@argosy/rpc';
import type { Environment } from './environment.ts';

/** Where the gateway answers, which keeps the objects of this installation. */
export interface GatewayEndpoint {
  /** `host:port`; may be known only after this service has started. */
  address(): Promise<string>;
  readonly token: string;
}

/** A manifest of any kind. */
export interface KeptObject {
  readonly kind: string;
  readonly metadata: {
    readonly name?: string;
    readonly namespace?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

export interface ObjectReference {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** The objects that this installation keeps. Every call throws ArgosyError only. */
export interface KeptObjects {
  /** @throws ArgosyError ALREADY_EXISTS, INVALID_ARGUMENT for a manifest that is refused or of an unknown kind. */
  create(object: KeptObject, signal: AbortSignal): Promise<KeptObject>;
  /** Creates the object, or writes it over the one of that name. */
  apply(object: KeptObject, signal: AbortSignal): Promise<KeptObject>;
  /** Undefined when there is none. @throws ArgosyError INVALID_ARGUMENT for a kind that is not kept. */
  get(reference: ObjectReference, signal: AbortSignal): Promise<KeptObject | undefined>;
  /** @throws ArgosyError NOT_FOUND */
  delete(reference: ObjectReference, signal: AbortSignal): Promise<void>;
  close(): void;
}

interface Clients {
  readonly workflows: RpcClient<typeof WorkflowService>;
  readonly resources: RpcClient<typeof ResourceService>;
}

/** The gateway that ARGOSY_SERVER and ARGOSY_TOKEN name; undefined when they name none. */
export function gatewayEndpointOf(environment: Environment): GatewayEndpoint | undefined {
  const server = environment.text('ARGOSY_SERVER', '');
  const token = environment.text('ARGOSY_TOKEN', '');
  return server === '' ? undefined : { address: () => Promise.resolve(server), token };
}

/**
 * The objects by the gateway's public API. The first call connects.
 * @param endpoint undefined: every call says what to configure, and that `user` needs it.
 */
export function createKeptObjects(
  endpoint: GatewayEndpoint | undefined,
  user: { readonly what: string; readonly service: string },
): KeptObjects {
  let connecting: Promise<Clients> | undefined;
  const clients = (): Promise<Clients> => (connecting ??= connect(endpoint, user));
  return {
    create: async (object, signal) => {
      const { workflows, resources } = await clients();
      if (object.kind === 'Workflow') return submit(workflows, object, signal);
      const { namespace = '', name = '' } = object.metadata;
      const reference = { kind: object.kind, namespace, name };
      const taken = await find({ workflows, resources }, reference, signal);
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
      void connecting?.then(
        (open) => {
          open.workflows.close();
          open.resources.close();
        },
        // One that was never made has nothing to close.
        () => undefined,
      );
    },
  };
}

/** @throws ArgosyError FAILED_PRECONDITION without an endpoint */
async function connect(
  endpoint: GatewayEndpoint | undefined,
  { what, service }: { readonly what: string; readonly service: string },
): Promise<Clients> {
  if (endpoint === undefined) {
    const message = `${what} the gateway: set ARGOSY_SERVER and ARGOSY_TOKEN for the ${service}`;
    throw new ArgosyError('FAILED_PRECONDITION', message);
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
  object: KeptObject,
  signal: AbortSignal,
): Promise<KeptObject> {
  const answer = await workflows.submitWorkflow(
    { source: { case: 'manifest', value: bytesOf(object) } },
    { signal },
  );
  return objectOf(answer.workflowJson);
}

async function apply(
  resources: Clients['resources'],
  object: KeptObject,
  signal: AbortSignal,
): Promise<KeptObject> {
  const { namespace = '' } = object.metadata;
  const request = { namespace, manifests: bytesOf(object) };
  const [applied] = (await resources.applyResources(request, { signal })).resources;
  return objectOf(applied?.resource?.manifestJson);
}

async function find(
  { workflows, resources }: Clients,
  { kind, namespace, name }: ObjectReference,
  signal: AbortSignal,
): Promise<KeptObject | undefined> {
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

function bytesOf(object: KeptObject): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(object));
}

/** @throws ArgosyError INTERNAL for an answer without an object. */
function objectOf(json: Uint8Array | undefined): KeptObject {
  if (json !== undefined) return JSON.parse(new TextDecoder().decode(json)) as KeptObject;
  throw new ArgosyError('INTERNAL', 'the gateway answered without an object');
}
