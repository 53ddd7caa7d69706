/** What a source of nats-server is given. */
export interface SourceContext {
  /** Where a program that was obtained is kept: `<cacheDirectory>/nats-server`. */
  readonly installDirectory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (message: string) => void;
}

export const SOURCE_NAMES = ['environment', 'path', 'cache', 'wheel', 'go', 'release'] as const;

export type SourceName = (typeof SOURCE_NAMES)[number];

/** What a source came to. `Absent` says why in a few words for the list of what was tried. */
export type SourceOutcome =
  | { readonly kind: 'Found'; readonly path: string; readonly version: string }
  | { readonly kind: 'Absent'; readonly reason: string };

/** One way to come by nats-server. May throw ArgosyError, which counts as absent. */
export type Source = (context: SourceContext) => Promise<SourceOutcome>;
