import { err, ok, type Result } from '@argosy/base';
import { parseServiceUrl, topicName, type PulsarAccess } from '@argosy/pulsar';
import { appliedSettings, requiredProblems, secretOf, type Settings } from './call-settings.ts';
import type { TriggerCall, ValueLookup } from './trigger.ts';

/** One message that a trigger sends. */
export interface PulsarMessageToSend {
  /** What tells one connection from another. */
  readonly connection: { readonly url: string; readonly access: PulsarAccess };
  /** Its whole name. */
  readonly topic: string;
  readonly payload: string;
}

const REQUIRED = {
  url: 'set the broker, such as pulsar://host:6650',
  topic: 'set the topic to send to',
  payload: 'list the parameters that make up the message',
};

/** Fields of Argo Events that are not built here, with what to do instead. */
const REFUSED: Readonly<Record<string, string>> = {
  authAthenzParams: 'use authTokenSecret',
  authAthenzSecret: 'use authTokenSecret',
  tls: 'use tlsTrustCertsSecret for the authority and authTokenSecret instead of a certificate',
};

/** What is wrong with `template.pulsar`; sentences. */
export function pulsarProblems(settings: Settings): readonly string[] {
  const problems = [...requiredProblems(settings, REQUIRED)];
  const { topic, url } = settings;
  const parsed = typeof url === 'string' && url !== '' ? parseServiceUrl(url) : ok(undefined);
  if (!parsed.ok) problems.push(`url ${parsed.error}`);
  if (typeof topic === 'string' && topic !== '' && topicName(topic) === undefined) {
    problems.push(`"${topic}" is no topic; write a name or persistent://tenant/namespace/name`);
  }
  for (const [field, hint] of Object.entries(REFUSED)) {
    if (settings[field] === undefined || settings[field] === null) continue;
    problems.push(`${field} is not supported here; ${hint}`);
  }
  return problems;
}

/** Puts the message together: parameters, secrets, payload. The error is a sentence. */
export function pulsarMessageOf(
  call: TriggerCall,
  values: ValueLookup,
): Result<PulsarMessageToSend, string> {
  const applied = appliedSettings(call);
  if (!applied.ok) return applied;
  const settings = applied.value;
  // Parameters may have made them wrong.
  const [problem] = pulsarProblems(settings);
  if (problem !== undefined) return err(problem);
  const optional = (field: string): Result<string | undefined, string> =>
    settings[field] === undefined || settings[field] === null
      ? ok(undefined)
      : secretOf(settings[field], field, { call, values });
  const token = optional('authTokenSecret');
  if (!token.ok) return token;
  const authorities = optional('tlsTrustCertsSecret');
  if (!authorities.ok) return authorities;
  const payload = call.payload(settings['payload']);
  if (!payload.ok) return payload;
  const tls = {
    authorities: authorities.value,
    allowsUntrusted: settings['tlsAllowInsecureConnection'] === true,
    allowsOtherHosts: settings['tlsValidateHostname'] === false,
  };
  return ok({
    connection: { url: String(settings['url']), access: { token: token.value?.trim(), tls } },
    topic: topicName(String(settings['topic'])) ?? '',
    payload: payload.value,
  });
}
