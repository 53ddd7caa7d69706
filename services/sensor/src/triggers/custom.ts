import { CustomTriggerService } from '@argosy/api';
import { ArgosyError, err, ok, type Result } from '@argosy/base';
import { createRpcClient, type RpcClient, type RpcClientTls } from '@argosy/rpc';
import { requiredProblems, secretOf, textOf } from './call-settings.ts';
import { createIdleConnections } from './idle-connections.ts';
import {
  isRecord,
  type TriggerCall,
  type TriggerKind,
  type TriggerOutcome,
  type ValueLookup,
} from './trigger.ts';

type Client = RpcClient<typeof CustomTriggerService>;

interface Server {
  readonly address: string;
  readonly tls: RpcClientTls | undefined;
}

const REQUIRED = {
  serverURL: 'set host:port of the trigger server',
  spec: 'give the settings for the trigger server',
};
/** Most time of one call, milliseconds. */
const CALL_TIMEOUT_MS = 60_000;

/**
 * Hands the trigger to a gRPC server that speaks Argo Events' trigger service: fetch the object, put parameters
 * into it, execute, judge. A judgement without success is a failed attempt.
 */
export function createCustomTrigger(): TriggerKind {
  const connections = createIdleConnections<Client>((client) => client.close());
  return {
    kind: 'custom',
    problems(settings) {
      const problems = [...requiredProblems(settings, REQUIRED)];
      if (settings['secure'] === true && !isRecord(settings['certSecret'])) {
        problems.push('certSecret is missing; name the secret with the certificate: {name, key}');
      }
      return problems;
    },
    async run(call, { values }) {
      const server = serverOf(call, values);
      if (!server.ok) return { kind: 'Refused', reason: server.error };
      const { address, tls } = server.value;
      try {
        const client = await connections.use(JSON.stringify(server.value), () =>
          Promise.resolve(
            createRpcClient(CustomTriggerService, address, tls === undefined ? {} : { tls }),
          ),
        );
        return await perform(client, call);
      } catch (error) {
        if (call.signal.aborted) return { kind: 'BusAway', reason: 'the sensor is stopping' };
        const { message } = ArgosyError.fromUnknown(error);
        return { kind: 'Failed', reason: `the trigger server ${address}: ${message}` };
      }
    },
    close: () => connections.closeAll(),
  };
}

function serverOf(call: TriggerCall, values: ValueLookup): Result<Server, string> {
  const { serverURL, secure, certSecret, serverNameOverride } = call.settings;
  const address = textOf(serverURL);
  if (address === undefined) return err('serverURL must be set');
  if (secure !== true) return ok({ address, tls: undefined });
  const rootCertificates = secretOf(certSecret, 'certSecret', { call, values });
  if (!rootCertificates.ok) return rootCertificates;
  const serverName = textOf(serverNameOverride);
  const tls = { rootCertificates: rootCertificates.value };
  return ok({ address, tls: serverName === undefined ? tls : { ...tls, serverName } });
}

async function perform(client: Client, call: TriggerCall): Promise<TriggerOutcome> {
  const { traceparent, signal } = call;
  const options = { signal, traceparent, deadlineMs: CALL_TIMEOUT_MS };
  const spec = new TextEncoder().encode(yamlOf(call.settings['spec']));
  const fetched = await client.fetchResource({ resource: spec }, options);
  const resource = withParameters(fetched.resource, call);
  if (!resource.ok) return { kind: 'Refused', reason: resource.error };
  const payload = payloadOf(call);
  if (!payload.ok) return { kind: 'Refused', reason: payload.error };
  const request = { resource: resource.value, payload: payload.value };
  const { response } = await client.execute(request, options);
  const { success, message } = await client.applyPolicy({ request: response }, options);
  if (success) return { kind: 'Done' };
  const reason = message === '' ? 'the trigger server says that it did not succeed' : message;
  return { kind: 'Failed', reason };
}

/** Only an object in JSON can take parameters; without parameters it may be anything. */
function withParameters(resource: Uint8Array, call: TriggerCall): Result<Uint8Array, string> {
  const { parameters } = call.settings;
  if (!Array.isArray(parameters) || parameters.length === 0) return ok(resource);
  const text = new TextDecoder().decode(resource);
  if (!isJsonObject(text)) return err('the fetched resource is no JSON object for parameters');
  const applied = call.apply(parameters, text);
  return applied.ok ? ok(new TextEncoder().encode(applied.value)) : applied;
}

function isJsonObject(text: string): boolean {
  try {
    return isRecord(JSON.parse(text));
  } catch {
    return false;
  }
}

function payloadOf(call: TriggerCall): Result<Uint8Array, string> {
  const { payload } = call.settings;
  if (!Array.isArray(payload) || payload.length === 0) return ok(new Uint8Array());
  const built = call.payload(payload);
  return built.ok ? ok(new TextEncoder().encode(built.value)) : built;
}

/** A map as YAML, one entry a line, in the order of the keys: JSON values are YAML values. */
function yamlOf(spec: unknown): string {
  return Object.entries(isRecord(spec) ? spec : {})
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, value]) => `${plainOrQuoted(key)}: ${JSON.stringify(value)}\n`)
    .join('');
}

function plainOrQuoted(key: string): string {
  return /^[A-Za-z_][\w-]*$/.test(key) ? key : JSON.stringify(key);
}
