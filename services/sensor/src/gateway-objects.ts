import { ResourceService, WorkflowService } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { createRpcClient, type RpcClient } from '@argosy/rpc';

/** Where the gateway answers, which keeps the objects that triggers work on. */
export interface GatewayEndpoint {
  /** `host:port`; may be known only after this service has started. */
  address(): Promise<string>;
  readonly token: string;
}

/** A manifest of any kind. */
export interface KeptObject {
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export interface ObjectReference {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** The objects that this installation keeps. Every call throws ArgosyError only. */
export interface KeptObjects {
  /** Undefined when there is none. @throws ArgosyError INVALID_ARGUMENT for a kind that is not kept. */
  get(reference: ObjectReference, signal: AbortSignal): Promise<KeptObject | undefined>;
  /** Creates the object or writes it over the one of that name. */
  apply(object: KeptObject, signal: AbortSignal): Promise<void>;
  /** @throws ArgosyError NOT_FOUND */
  delete(reference: ObjectReference, signal: AbortSignal): Promise<void>;
}

interface Clients {
  readonly workflows: RpcClient<typeof WorkflowService>;
  readonly resources: RpcClient<typeof ResourceService>;
}

/** @param endpoint undefined: every call says what to configure. */
export function createGatewayObjects(
  endpoint: GatewayEndpoint | undefined,
): KeptObjects & { close(): void } {
  let connecting: Promise<Clients> | undefined;
  const clients = (): Promise<Clients> => (connecting ??= connect(endpoint));
  return {
    async get({ kind, namespace, name }, signal) {
      const { workflows, resources } = await clients();
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
    },
    async apply(object, signal) {
      const { resources } = await clients();
      const manifests = new TextEncoder().encode(JSON.stringify(object));
      const namespace = String(object.metadata['namespace'] ?? '');
      await resources.applyResources({ namespace, manifests }, { signal });
    },
    async delete({ kind, namespace, name }, signal) {
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
async function connect(endpoint: GatewayEndpoint | undefined): Promise<Clients> {
  if (endpoint === undefined) {
    const message = 'this trigger needs the gateway: set ARGOSY_SERVER and ARGOSY_TOKEN';
    throw new ArgosyError('FAILED_PRECONDITION', `${message} for the sensor`);
  }
  const { token } = endpoint;
  const address = await endpoint.address();
  return {
    workflows: createRpcClient(WorkflowService, address, { token }),
    resources: createRpcClient(ResourceService, address, { token }),
  };
}

function objectOf(json: Uint8Array | undefined): KeptObject {
  if (json !== undefined) return JSON.parse(new TextDecoder().decode(json)) as KeptObject;
  throw new ArgosyError('INTERNAL', 'the gateway answered without an object');
}
