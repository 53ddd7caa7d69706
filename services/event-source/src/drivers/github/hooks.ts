import { createSign } from 'node:crypto';
import { ArgosyError } from '@argosy/base';
import type { DriverContext } from '../driver.ts';
import { hookPlan, type HookPlace, type HookPlan } from '../http/hooks.ts';
import {
  allPages,
  createProviderClient,
  idText,
  ifPresent,
  PAGE_LENGTH,
  type ProviderClient,
} from '../http/provider-client.ts';
import { secretOf } from '../http/secret-value.ts';
import { isFields } from '../http/settings.ts';
import type { GithubLogin, GithubSettings } from './settings.ts';

/** How long the proof of an app is valid; GitHub allows ten minutes. */
const APP_PROOF_SECONDS = 9 * 60;
/** GitHub's clock may be behind. */
const CLOCK_SKEW_SECONDS = 60;
/** A token of an app is asked for anew after this; GitHub's are good for an hour. */
const APP_TOKEN_MS = 30 * 60_000;

/** The webhooks that GitHub is to have, or undefined when the user sets them up. */
export function githubHooks(
  settings: GithubSettings,
  context: DriverContext,
  clock: () => number,
): HookPlan | undefined {
  const { login, hookUrl: url } = settings;
  if (login === undefined || url === undefined) return undefined;
  const client = createProviderClient({
    name: 'GitHub',
    baseUrl: settings.apiUrl,
    headers: authorization(settings, login, context, clock),
  });
  const places = settings.places.map((path) => place({ path, url, settings, client, context }));
  return hookPlan({ url, places: async () => places, removeAtEnd: settings.removeAtEnd });
}

function place(parts: {
  readonly path: string;
  readonly url: string;
  readonly settings: GithubSettings;
  readonly client: ProviderClient;
  readonly context: DriverContext;
}): HookPlace {
  const { path, url, settings, client, context } = parts;
  const wanted = () => ({
    active: settings.active,
    events: settings.events,
    config: {
      url,
      content_type: settings.contentType,
      insecure_ssl: settings.insecureTls ? '1' : '0',
      ...(settings.webhookSecret && { secret: secretOf(settings.webhookSecret, context) }),
    },
  });
  return {
    async list(signal) {
      const hooks = await allPages((page) =>
        client.call('GET', `${path}/hooks?per_page=${PAGE_LENGTH}&page=${page}`, { signal }),
      );
      return hooks.map((hook) => {
        const config = isFields(hook['config']) ? hook['config'] : {};
        return { id: idText(hook['id']), url: String(config['url']) };
      });
    },
    async create(signal) {
      const body = { name: 'web', ...wanted() };
      const hook = await client.call('POST', `${path}/hooks`, { signal, body });
      return { id: idText(isFields(hook) ? hook['id'] : ''), url };
    },
    async update(id, signal) {
      await client.call('PATCH', `${path}/hooks/${id}`, { signal, body: wanted() });
    },
    remove: (id, signal) =>
      ifPresent(() => client.call('DELETE', `${path}/hooks/${id}`, { signal })),
  };
}

function authorization(
  settings: GithubSettings,
  login: GithubLogin,
  context: DriverContext,
  clock: () => number,
): (signal: AbortSignal) => Promise<Readonly<Record<string, string>>> {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  if (login.kind === 'Token') return async () => bearer(secretOf(login.token, context));
  let known: { readonly token: string; readonly untilMs: number } | undefined;
  return async (signal) => {
    if (known === undefined || known.untilMs <= clock()) {
      const token = await installationToken({ settings, login, context, nowMs: clock(), signal });
      known = { token, untilMs: clock() + APP_TOKEN_MS };
    }
    return bearer(known.token);
  };
}

async function installationToken(parts: {
  readonly settings: GithubSettings;
  readonly login: Extract<GithubLogin, { kind: 'App' }>;
  readonly context: DriverContext;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}): Promise<string> {
  const { settings, login, context, nowMs, signal } = parts;
  const proof = appProof(login.appId, secretOf(login.privateKey, context), nowMs);
  const client = createProviderClient({
    name: 'GitHub',
    baseUrl: settings.apiUrl,
    headers: async () => ({ authorization: `Bearer ${proof}` }),
  });
  const path = `/app/installations/${login.installationId}/access_tokens`;
  const answer = await client.call('POST', path, { signal });
  const token = isFields(answer) ? answer['token'] : undefined;
  if (typeof token === 'string') return token;
  throw new ArgosyError('UNAVAILABLE', 'GitHub gave no token for the installation of the app');
}

/** The signed statement by which an app shows itself (RFC 7519, RS256). */
function appProof(appId: string, privateKey: string, nowMs: number): string {
  const nowSeconds = Math.floor(nowMs / 1_000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const issued = {
    iat: nowSeconds - CLOCK_SKEW_SECONDS,
    exp: nowSeconds + APP_PROOF_SECONDS,
    iss: appId,
  };
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(issued)}`;
  try {
    return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
  } catch (cause) {
    const message = 'githubApp.privateKey is no private RSA key in PEM; apply the one GitHub gave';
    throw new ArgosyError('FAILED_PRECONDITION', message, { cause });
  }
}
