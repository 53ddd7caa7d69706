import { ArgosyError } from '@argosy/base';
import type { Driver, DriverContext, RunningDriver, SecretSelector } from '../driver.ts';
import type { HttpAnswer, HttpEndpoint, HttpRequest } from './endpoint.ts';
import type { Endpoints } from './endpoints.ts';
import { keepHooks, NO_HOOKS, type HookPlan } from './hooks.ts';
import { endpointHead, keepListening } from './listening.ts';
import { isFields, parseHttpSettings, type Fields, type HttpSettings } from './settings.ts';
import { storeEvents, type NewEvent } from './store.ts';

/** What becomes of a request. */
export type Verdict =
  | { readonly kind: 'Events'; readonly events: readonly NewEvent[]; readonly answer?: string }
  /** All is well and there is nothing to store. */
  | { readonly kind: 'Answer'; readonly answer: string }
  | { readonly kind: 'Refused'; readonly status: number; readonly reason: string };

/** What a judgement may depend on besides the request. */
export interface Judging {
  /** The values of `requiredSecrets`, in their order; all are there. */
  readonly secrets: readonly string[];
  readonly context: DriverContext;
  readonly nowMs: number;
}

/** One event of a provider that calls webhooks, as its settings describe it. */
export interface HttpSource {
  /** Without one of these each request is refused. */
  readonly requiredSecrets: readonly SecretSelector[];
  judge(request: HttpRequest, judging: Judging): Verdict | Promise<Verdict>;
  /** What is to be set up at the provider; undefined when the user does that. */
  hooks?(context: DriverContext): HookPlan | undefined;
}

export interface HttpSourceDriverOptions {
  readonly kind: string;
  /** Reads the settings of one event; problems are sentences. Must not throw for wrong settings. */
  readonly parse: (fields: Fields, http: HttpSettings, problems: string[]) => HttpSource;
}

/** What all drivers of the HTTP family share in a process. */
export interface HttpFamily {
  readonly endpoints: Endpoints;
  /** Unix milliseconds. */
  readonly clock: () => number;
}

/** The driver of a provider that calls webhooks; the answer 200 means that its events are stored. */
export function createHttpSourceDriver(
  options: HttpSourceDriverOptions,
  family: HttpFamily,
): Driver {
  return {
    kind: options.kind,
    runsOn: 'EveryReplica',
    problems: (settings) => parsed(options, settings).problems,
    async start(settings, context) {
      const { http, source, problems } = parsed(options, settings);
      if (http === undefined || source === undefined) {
        throw new ArgosyError('INVALID_ARGUMENT', problems.join('; '));
      }
      return startSource({ http, source, context, family });
    },
  };
}

interface Parsed {
  readonly http?: HttpSettings;
  readonly source?: HttpSource;
  readonly problems: readonly string[];
}

function parsed(options: HttpSourceDriverOptions, settings: unknown): Parsed {
  if (!isFields(settings)) return { problems: ['the settings must be a map'] };
  const webhook = settings['webhook'];
  if (!isFields(webhook)) {
    return { problems: ['webhook is missing; set webhook.port and webhook.endpoint'] };
  }
  const httpProblems: string[] = [];
  const http = parseHttpSettings(webhook, httpProblems);
  const problems = httpProblems.map((problem) => `webhook.${problem}`);
  const source = options.parse(settings, http, problems);
  return problems.length > 0 ? { problems } : { http, source, problems };
}

async function startSource(parts: {
  readonly http: HttpSettings;
  readonly source: HttpSource;
  readonly context: DriverContext;
  readonly family: HttpFamily;
}): Promise<RunningDriver> {
  const { http, source, context, family } = parts;
  const endpoint: HttpEndpoint = {
    ...endpointHead(http, context),
    handle: (request) => answerOf(request, source, context, family),
  };
  const needed = [...source.requiredSecrets, ...(http.authSecret ? [http.authSecret] : [])];
  const listening = await keepListening(endpoint, family.endpoints, context);
  const plan = source.hooks?.(context);
  const hooks = plan === undefined ? NO_HOOKS : keepHooks(plan, context);
  return {
    health() {
      const troubles = [listening.trouble(), missingSecrets(needed, context), hooks.trouble()];
      const reason = troubles.filter((text) => text !== undefined).join('; ');
      return reason === '' ? { kind: 'Healthy' } : { kind: 'Failing', reason };
    },
    async stop(ending = 'Shutdown') {
      await hooks.stop(ending);
      await listening.stop();
    },
  };
}

function missingSecrets(
  needed: readonly SecretSelector[],
  context: DriverContext,
): string | undefined {
  const missing = needed.filter((selector) => !context.secret(selector));
  if (missing.length === 0) return undefined;
  const names = missing.map(({ name, key }) => `the secret ${name} has no key ${key}`).join(', ');
  return `${names}; requests are refused until it is applied`;
}

async function answerOf(
  request: HttpRequest,
  source: HttpSource,
  context: DriverContext,
  family: HttpFamily,
): Promise<HttpAnswer> {
  const secrets: string[] = [];
  for (const selector of source.requiredSecrets) {
    const value = context.secret(selector);
    // An empty secret would make every signature easy to forge.
    if (value === undefined || value === '') {
      context.refused();
      return { status: 500, body: 'the secret that authenticates requests is not available' };
    }
    secrets.push(value);
  }
  const verdict = await source.judge(request, { secrets, context, nowMs: family.clock() });
  switch (verdict.kind) {
    case 'Answer':
      return { status: 200, body: verdict.answer };
    case 'Refused':
      context.refused();
      return { status: verdict.status, body: verdict.reason };
    case 'Events': {
      const answer = await storeEvents(verdict.events, request, context);
      const isStored = answer.status === 200 && verdict.answer !== undefined;
      return isStored ? { status: 200, body: verdict.answer } : answer;
    }
  }
}

/** The refusal of a request that is not as the provider would send it. */
export function refused(reason: string, status = 400): Verdict {
  return { kind: 'Refused', status, reason };
}
