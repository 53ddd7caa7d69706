import type { Problem } from '../problem.ts';
import type { ConfigMap } from '../types/config.ts';
import { parseControllerConfig, type ControllerConfig } from './controller-config.ts';

/** Where the configuration of an installation is looked for: the first place that has it counts. */
export interface ConfigPlace {
  readonly namespaces: readonly string[];
  readonly name: string;
}

/**
 * The configuration as it is declared at the time of each call. One that cannot be read leaves the
 * last good one in force; `onProblems` is told once for each version of it.
 */
export function createConfigReader(
  find: (namespace: string, name: string) => ConfigMap | undefined,
  place: ConfigPlace,
  onProblems: (problems: readonly Problem[]) => void = () => undefined,
): () => ControllerConfig {
  let seen: ConfigMap | undefined;
  let current: ControllerConfig = {};
  return () => {
    const found = place.namespaces
      .map((namespace) => find(namespace, place.name))
      .find((configMap) => configMap !== undefined);
    if (found === seen) return current;
    seen = found;
    const read = found === undefined ? undefined : parseControllerConfig(found);
    if (read === undefined) current = {};
    else if (read.ok) current = read.value;
    else onProblems(read.error);
    return current;
  };
}
