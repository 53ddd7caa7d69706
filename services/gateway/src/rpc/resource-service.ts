import {
  AppliedResource_Outcome as Outcome,
  ApplyResourcesRequest_Mode as Mode,
  ResourceService,
} from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { rpcService, type RpcService } from '@argosy/rpc';
import { objectOf } from '../http/resource-routes.ts';
import type { GatewayParts } from '../parts.ts';
import { applyManifests } from '../resources/apply.ts';
import { DECLARED_KINDS, declaredKindOf, type DeclaredKind } from '../resources/kinds.ts';
import type { ApplyOutcome, StoredResource, WriteMode } from '../resources/registry.ts';
import { suspendCron } from '../resources/suspend-cron.ts';
import { labelMatcher } from '../runs/run-filter.ts';
import { jsonBytes, textOfBytes } from '../text.ts';
import { problemMessage } from './messages.ts';

const OUTCOMES: Readonly<Record<ApplyOutcome, Outcome>> = {
  Created: Outcome.CREATED,
  Configured: Outcome.CONFIGURED,
  Unchanged: Outcome.UNCHANGED,
};

const MODES: Readonly<Record<Mode, WriteMode>> = {
  [Mode.UNSPECIFIED]: 'Apply',
  [Mode.CREATE]: 'Create',
  [Mode.REPLACE]: 'Replace',
};

/** The public gRPC API of declared manifests. */
export function resourceService(parts: GatewayParts): RpcService {
  const { registry, namespaceDefault } = parts;
  return rpcService(ResourceService, {
    async applyResources(request) {
      const { file, strict, dryRun } = request;
      const { applied, warnings } = await applyManifests(registry, {
        source: { text: textOfBytes(request.manifests), file, strict },
        namespace: request.namespace || namespaceDefault,
        mode: MODES[request.mode],
        dryRun,
        ...(request.kind === ''
          ? {}
          : { expect: { kind: kindOf(request.kind), namespace: '', name: '' } }),
      });
      return {
        resources: applied.map(({ outcome, resource }) => ({
          outcome: OUTCOMES[outcome],
          resource: resourceMessage(resource),
        })),
        warnings: warnings.map(problemMessage),
      };
    },
    async getResource({ kind, namespace, name }) {
      const wanted = { kind: kindOf(kind), namespace: namespace || namespaceDefault, name };
      return { resource: resourceMessage(await registry.get(wanted)) };
    },

    async listResources({ kind, namespace, labelSelector }) {
      const matches = labelMatcher(labelSelector);
      const found = registry.list(kindOf(kind), namespace === '' ? undefined : namespace);
      const resources = found
        .filter(({ manifest }) => matches(manifest.metadata.labels ?? {}))
        .map(resourceMessage);
      return { resources };
    },
    async deleteResource({ kind, namespace, name }) {
      await registry.delete({ kind: kindOf(kind), namespace: namespace || namespaceDefault, name });
      return {};
    },
    async suspendCronWorkflow({ namespace, name, suspended }) {
      const wanted = { namespace: namespace || namespaceDefault, name };
      return { resource: resourceMessage(await suspendCron(registry, wanted, suspended)) };
    },
  });
}

function kindOf(text: string): DeclaredKind {
  const kind = declaredKindOf(text);
  if (kind !== undefined) return kind;
  const known = Object.keys(DECLARED_KINDS).join(', ');
  throw new ArgosyError('INVALID_ARGUMENT', `The kind "${text}" is not known; there are ${known}.`);
}

function resourceMessage(resource: StoredResource) {
  const { kind, metadata } = resource.manifest;
  return {
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    manifestJson: jsonBytes(objectOf(resource)),
    revision: BigInt(resource.revision),
  };
}
