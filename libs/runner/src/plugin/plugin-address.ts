import { ArgosyError } from '@argosy/base';
import { parse } from 'yaml';
import type { ResourceLookup } from '../types.ts';

/** What the name of a plugin's ConfigMap ends with, as Argo's `executor-plugin build` makes it. */
const CONFIG_MAP_ENDING = '-executor-plugin';

/** The namespace of plugins for all namespaces. */
const SHARED_NAMESPACE = 'argo';

/**
 * Where a plugin listens: on this machine, at the first port of the container that its ConfigMap
 * (`<name>-executor-plugin`, in the workflow's namespace or in `argo`) declares under `sidecar.container`; or at
 * the URL under `sidecar.address`, which is Argosy's own.
 * @throws ArgosyError NOT_FOUND without such a ConfigMap, FAILED_PRECONDITION when it names no port.
 */
export async function pluginAddress(
  plugin: string,
  namespace: string,
  resources: ResourceLookup,
): Promise<string> {
  const name = `${plugin}${CONFIG_MAP_ENDING}`;
  const data =
    (await resources.configMap(namespace, name)) ??
    (await resources.configMap(SHARED_NAMESPACE, name));
  if (data === undefined) {
    const places = `"${namespace}" or "${SHARED_NAMESPACE}"`;
    throw new ArgosyError('NOT_FOUND', `no ConfigMap "${name}" declares the plugin in ${places}`);
  }
  const address = textOf(data['sidecar.address']).trim().replace(/\/+$/, '');
  if (address !== '') return address;
  const port = firstPort(textOf(data['sidecar.container']));
  if (port !== undefined) return `http://127.0.0.1:${port}`;
  throw new ArgosyError(
    'FAILED_PRECONDITION',
    `the ConfigMap "${name}" names no port in sidecar.container.ports[0].containerPort`,
  );
}

function textOf(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}

function firstPort(container: string): number | undefined {
  try {
    const { ports } = parse(container) as { ports?: readonly { containerPort?: unknown }[] };
    const port = ports?.[0]?.containerPort;
    return typeof port === 'number' ? port : undefined;
  } catch {
    return undefined;
  }
}
