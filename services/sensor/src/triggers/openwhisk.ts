import { err, ok, type Result } from '@argosy/base';
import { appliedSettings, requiredProblems, secretOf, textOf } from './call-settings.ts';
import { allowedStatuses, judgedByStatus } from './status-policy.ts';
import type { TriggerCall, TriggerKind, TriggerOutcome, ValueLookup } from './trigger.ts';

/** As long as OpenWhisk waits for an action, and some time for the way. */
const ANSWER_TIMEOUT_MS = 90_000;
const ANSWER_CHARACTERS_TOLD_MAX = 300;
/** The namespace that belongs to the token. */
const NAMESPACE_DEFAULT = '_';
const VERSION_DEFAULT = 'v1';

interface ActionCall {
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly payload: string;
}

const REQUIRED = {
  host: 'set the host of the API, such as openwhisk.example.com:443',
  actionName: 'set the name of the action',
  payload: 'list the parameters that make up what the action gets',
};

/**
 * Invokes an action of Apache OpenWhisk and waits for its result. An action that fails, which is answered with
 * a status of 400 or more, makes a failed attempt unless `policy.status.allow` lists that status.
 */
export const openWhiskTrigger: TriggerKind = {
  kind: 'openWhisk',
  problems: (settings) => requiredProblems(settings, REQUIRED),
  async run(call, environment) {
    const action = actionCallOf(call, environment.values);
    if (!action.ok) return { kind: 'Refused', reason: action.error };
    try {
      return await invoke(action.value, call);
    } catch (error) {
      if (call.signal.aborted) return { kind: 'BusAway', reason: 'the sensor is stopping' };
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      const reason = cause instanceof Error ? cause.message : String(cause);
      return { kind: 'Failed', reason: `${action.value.url.host} cannot be reached: ${reason}` };
    }
  },
};

function actionCallOf(call: TriggerCall, values: ValueLookup): Result<ActionCall, string> {
  const applied = appliedSettings(call);
  if (!applied.ok) return applied;
  const settings = applied.value;
  const [host, actionName] = [textOf(settings['host']), textOf(settings['actionName'])];
  if (host === undefined || actionName === undefined) return err('host and actionName must be set');
  const url = actionUrl({
    host,
    version: textOf(settings['version']) ?? VERSION_DEFAULT,
    namespace: textOf(settings['namespace']) ?? NAMESPACE_DEFAULT,
    actionName,
  });
  if (url === undefined) return err(`host must be an address, not "${host}"`);
  const payload = call.payload(settings['payload']);
  if (!payload.ok) return payload;
  if (settings['authToken'] === undefined) {
    return ok({ url, authorization: undefined, payload: payload.value });
  }
  const token = secretOf(settings['authToken'], 'authToken', { call, values });
  if (!token.ok) return token;
  const authorization = `Basic ${Buffer.from(token.value).toString('base64')}`;
  return ok({ url, authorization, payload: payload.value });
}

/** The address of an action, which may be in a package: `package/action`. Without a scheme it is https. */
function actionUrl(parts: {
  readonly host: string;
  readonly version: string;
  readonly namespace: string;
  readonly actionName: string;
}): URL | undefined {
  const { host, version, namespace, actionName } = parts;
  const base = /^https?:\/\//.test(host) ? host : `https://${host}`;
  if (!URL.canParse(base)) return undefined;
  const action = actionName.split('/').map(encodeURIComponent).join('/');
  const [api, scope] = [encodeURIComponent(version), encodeURIComponent(namespace)];
  const url = new URL(`/api/${api}/namespaces/${scope}/actions/${action}`, base);
  url.search = 'blocking=true&result=true';
  return url;
}

async function invoke(action: ActionCall, call: TriggerCall): Promise<TriggerOutcome> {
  const { url, authorization, payload } = action;
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': call.firingId,
      traceparent: call.traceparent,
      ...(authorization === undefined ? {} : { authorization }),
    },
    body: payload,
    // A redirect would take the token to another place.
    redirect: 'error',
    signal: AbortSignal.any([call.signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
  });
  const { status } = response;
  if (allowedStatuses(call.policy) !== undefined || status < 400) {
    await response.body?.cancel();
    return judgedByStatus(status, call.policy);
  }
  const said = (await response.text()).slice(0, ANSWER_CHARACTERS_TOLD_MAX);
  return { kind: 'Failed', reason: `OpenWhisk answered ${status}: ${said}` };
}
