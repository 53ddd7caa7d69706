import { resourceKey, textOfToken } from '@argosy/api';
import type { Bus } from '@argosy/bus';
import {
  createConfigReader,
  formatProblem,
  type ConfigMap,
  type ConfigPlace,
  type ControllerConfig,
} from '@argosy/model';
import { followResources } from '@argosy/shell';
import type { Logger } from '@argosy/telemetry';

/** The ConfigMaps that are declared, and the installation's configuration among them. */
export interface Declared {
  /** The configuration as it is now. */
  config(): ControllerConfig;
  configMap(namespace: string, name: string): ConfigMap | undefined;
  /** Whether a ConfigMap of that name may be the installation's configuration. */
  isConfig(name: string): boolean;
  /** Called after each change of a ConfigMap, until the function given back is called. Must not throw. */
  onChange(listener: (namespace: string, name: string) => void): () => void;
}

/** Follows them until the signal is aborted; resolves when all that is declared now was seen. */
export async function followDeclared(options: {
  readonly bus: Bus;
  readonly place: ConfigPlace;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}): Promise<Declared> {
  const { bus, place, logger, signal } = options;
  const listeners = new Set<(namespace: string, name: string) => void>();
  const copy = await followResources({
    bus,
    kinds: ['configmap'],
    logger,
    signal,
    onChange(key) {
      const [, namespace = '', name = ''] = key.split('.').map(textOfToken);
      for (const listener of listeners) listener(namespace, name);
    },
  });
  const configMap = (namespace: string, name: string): ConfigMap | undefined =>
    copy.get(resourceKey('ConfigMap', namespace, name))?.manifest as ConfigMap | undefined;
  const config = createConfigReader(configMap, place, (problems) => {
    const reasons = problems.map((problem) => formatProblem(problem));
    logger.error({ reasons }, 'the configuration cannot be read: the last good one is in force');
  });
  config();
  const onChange: Declared['onChange'] = (listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return { config, configMap, isConfig: (name) => name === place.name, onChange };
}
