import { ArgosyError } from '@argosy/base';
import { pause } from '@argosy/shell';
import type { DriverContext, Ending } from '../driver.ts';

/** Wait before a provider is asked again after trouble: doubles from the first to the second. */
const RETRY_MS_MIN = 2_000;
const RETRY_MS_MAX = 5 * 60_000;
/** How long the hooks may take to be taken away when the event ends. */
const REMOVE_TIMEOUT_MS = 20_000;

/** What is to be at a provider while an event is declared. Both may happen on several replicas at once. */
export interface HookPlan {
  /** Makes it so; changes nothing that is right already. */
  ensure(signal: AbortSignal): Promise<void>;
  /** Takes it away when the event is removed; absent when it is to stay. */
  remove?(signal: AbortSignal): Promise<void>;
  /** How often it is made sure of again; absent for once. */
  readonly checkEveryMs?: number;
}

export interface KeptHooks {
  trouble(): string | undefined;
  stop(ending: Ending): Promise<void>;
}

export const NO_HOOKS: KeptHooks = { trouble: () => undefined, stop: () => Promise.resolve() };

/** Sets the hooks up in the background, however long the provider is away. */
export function keepHooks(plan: HookPlan, context: DriverContext): KeptHooks {
  const stopping = new AbortController();
  const { signal } = stopping;
  let trouble: string | undefined;

  function setTrouble(reason: string | undefined): void {
    if (reason === trouble || signal.aborted) return;
    trouble = reason;
    context.healthChanged();
  }
  async function keep(): Promise<void> {
    let retryMs = RETRY_MS_MIN;
    while (!signal.aborted) {
      let waitMs = plan.checkEveryMs;
      try {
        await plan.ensure(signal);
        setTrouble(undefined);
        retryMs = RETRY_MS_MIN;
      } catch (error) {
        setTrouble(`the webhook is not set up: ${ArgosyError.fromUnknown(error).message}`);
        waitMs = retryMs;
        retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
      }
      if (waitMs === undefined) return;
      await pause(waitMs, signal);
    }
  }

  const keeping = keep();
  return {
    trouble: () => trouble,
    async stop(ending) {
      stopping.abort();
      await keeping;
      if (ending !== 'Removed' || plan.remove === undefined) return;
      try {
        await plan.remove(AbortSignal.timeout(REMOVE_TIMEOUT_MS));
      } catch (error) {
        const reason = ArgosyError.fromUnknown(error).message;
        context.logger.warn({ reason }, 'a webhook is left at its provider; delete it there');
      }
    },
  };
}

/** A webhook as a provider has it. */
export interface ProviderHook {
  readonly id: string;
  readonly url: string;
}

/** The webhooks of one place at a provider, such as a repository. */
export interface HookPlace {
  list(signal: AbortSignal): Promise<readonly ProviderHook[]>;
  create(signal: AbortSignal): Promise<ProviderHook>;
  update(id: string, signal: AbortSignal): Promise<void>;
  remove(id: string, signal: AbortSignal): Promise<void>;
}

/** One hook for the url in each of the places. */
export function hookPlan(options: {
  readonly url: string;
  readonly places: (signal: AbortSignal) => Promise<readonly HookPlace[]>;
  readonly removeAtEnd: boolean;
  readonly checkEveryMs?: number;
}): HookPlan {
  const { url, places, removeAtEnd, checkEveryMs } = options;
  const each = async (
    signal: AbortSignal,
    act: (place: HookPlace) => Promise<void>,
  ): Promise<void> => {
    for (const place of await places(signal)) await act(place);
  };
  return {
    ensure: (signal) => each(signal, (place) => ensureHook(place, url, signal)),
    ...(removeAtEnd
      ? { remove: (signal) => each(signal, (place) => removeHooks(place, url, signal)) }
      : {}),
    ...(checkEveryMs === undefined ? {} : { checkEveryMs }),
  };
}

/**
 * Makes sure of one hook. Of replicas that create it at the same time all but the one with the lowest id
 * take theirs away again, so that no event comes twice.
 */
async function ensureHook(place: HookPlace, url: string, signal: AbortSignal): Promise<void> {
  const [present] = await hooksFor(place, url, signal);
  if (present !== undefined) return place.update(present.id, signal);
  const created = await place.create(signal);
  const [first] = await hooksFor(place, url, signal);
  if (first !== undefined && first.id !== created.id) await place.remove(created.id, signal);
}

async function removeHooks(place: HookPlace, url: string, signal: AbortSignal): Promise<void> {
  for (const hook of await hooksFor(place, url, signal)) await place.remove(hook.id, signal);
}

async function hooksFor(
  place: HookPlace,
  url: string,
  signal: AbortSignal,
): Promise<readonly ProviderHook[]> {
  const hooks = (await place.list(signal)).filter((hook) => hook.url === url);
  return hooks.toSorted((left, right) => left.id.localeCompare(right.id, 'en', { numeric: true }));
}
