import { availableParallelism } from 'node:os';
import { isAbsolute } from 'node:path';
import { ArgosyError } from '@argosy/base';
import type { Authenticate } from '@argosy/rpc';
import type { ImageMap } from '@argosy/runner';
import type { GatewayEndpoint } from '@argosy/shell';
import { TASKS_PER_PROCESSOR } from './limits.ts';

export interface ExecutorConfig {
  /** The pool whose tasks are taken. */
  readonly pool: string;
  /** Number of partitions of the workflow commands, the same for all services. */
  readonly partitions: number;
  /** Absolute path of a directory for this executor alone. */
  readonly dataDirectory: string;
  /** Tasks at the same time; default 4 for each processor. */
  readonly concurrency?: number;
  /** What images start whose command the manifest leaves out; added to the built-in list. */
  readonly images?: ImageMap;
  /** Further environment variables of this process that tasks may see. */
  readonly passEnvironment?: readonly string[];
  /** `rewrite` = never use private mounts, even where the host allows them. */
  readonly isolation?: 'auto' | 'rewrite';
  /** Where the gRPC server listens; default a free port on the loopback. */
  readonly rpcHost?: string;
  readonly rpcPort?: number;
  readonly authenticate?: Authenticate;
  /** For resource templates; without it they end with an error that says so. */
  readonly gateway?: GatewayEndpoint | undefined;
}

/**
 * The configuration with its defaults.
 * @throws ArgosyError INVALID_ARGUMENT naming the field.
 */
export function checkedConfig(
  config: ExecutorConfig,
): ExecutorConfig & { readonly concurrency: number } {
  const concurrency = config.concurrency ?? defaultConcurrency();
  const demand = (holds: boolean, problem: string): void => {
    if (!holds) throw new ArgosyError('INVALID_ARGUMENT', `executor configuration: ${problem}`);
  };
  demand(config.pool !== '', 'pool must not be empty');
  demand(isAbsolute(config.dataDirectory), 'dataDirectory must be an absolute path');
  demand(Number.isInteger(concurrency) && concurrency > 0, 'concurrency must be 1 or more');
  demand(
    Number.isInteger(config.partitions) && config.partitions > 0,
    'partitions must be 1 or more',
  );
  return { ...config, concurrency };
}

/** Tasks at the same time when nobody says how many. */
export function defaultConcurrency(): number {
  return TASKS_PER_PROCESSOR * availableParallelism();
}
