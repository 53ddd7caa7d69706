import type { LambdaClient } from '@aws-sdk/client-lambda';
import { err, ok, type Result } from '@argosy/base';
import { awsCredentials, type AwsIdentity } from '@argosy/shell';
import { appliedSettings, requiredProblems, secretOf, textOf } from './call-settings.ts';
import { createIdleConnections } from './idle-connections.ts';
import { judgedByStatus } from './status-policy.ts';
import type { TriggerCall, TriggerKind, TriggerOutcome, ValueLookup } from './trigger.ts';

const INVOCATION_TYPES = ['RequestResponse', 'Event', 'DryRun'] as const;
type InvocationType = (typeof INVOCATION_TYPES)[number];

/** As long as a function may run at AWS, and some time for the way. */
const ANSWER_TIMEOUT_MS = 16 * 60_000;
const IDLE_MS = ANSWER_TIMEOUT_MS + 60_000;

interface Invocation {
  readonly identity: AwsIdentity;
  readonly functionName: string;
  readonly invocationType: InvocationType;
  readonly payload: string;
}

const REQUIRED = {
  functionName: 'set the name of the function',
  region: 'set one such as us-east-1',
  payload: 'list the parameters that make up what the function gets',
};

/**
 * Invokes a function of AWS Lambda with a JSON payload. A function that ends with an error makes a failed
 * attempt; for the rest `policy.status` decides. A function that is waited for finds the firing's id and the
 * trace in its client context. `AWS_ENDPOINT_URL_LAMBDA` sets another address.
 */
export function createAwsLambdaTrigger(): TriggerKind {
  // A client is not closed under a function that is still waited for.
  const clients = createIdleConnections<LambdaClient>((client) => client.destroy(), IDLE_MS);
  return {
    kind: 'awsLambda',
    problems: lambdaProblems,
    async run(call, environment) {
      const invocation = invocationOf(call, environment.values);
      if (!invocation.ok) return { kind: 'Refused', reason: invocation.error };
      const { identity } = invocation.value;
      const key = JSON.stringify(identity);
      try {
        const client = await clients.use(key, () => clientFor(identity));
        return await invoke(client, invocation.value, call);
      } catch (error) {
        if (call.signal.aborted) return { kind: 'BusAway', reason: 'the sensor is stopping' };
        const { name, message } = error instanceof Error ? error : new Error(String(error));
        return { kind: 'Failed', reason: name === 'Error' ? message : `${name}: ${message}` };
      }
    },
    close: () => clients.closeAll(),
  };
}

function lambdaProblems(settings: Readonly<Record<string, unknown>>): readonly string[] {
  const problems = [...requiredProblems(settings, REQUIRED)];
  const { invocationType, accessKey, secretKey } = settings;
  if (invocationType !== undefined && !isInvocationType(invocationType)) {
    problems.push(`invocationType must be one of ${INVOCATION_TYPES.join(', ')}`);
  }
  if ((accessKey === undefined) !== (secretKey === undefined)) {
    problems.push('accessKey and secretKey go together');
  }
  return problems;
}

function isInvocationType(value: unknown): value is InvocationType {
  return INVOCATION_TYPES.some((type) => type === value);
}

function invocationOf(call: TriggerCall, values: ValueLookup): Result<Invocation, string> {
  const applied = appliedSettings(call);
  if (!applied.ok) return applied;
  const settings = applied.value;
  const [functionName, region] = [textOf(settings['functionName']), textOf(settings['region'])];
  if (functionName === undefined) return err('functionName must be set');
  if (region === undefined || !/^[a-z0-9-]+$/.test(region)) {
    return err('region must be one such as us-east-1');
  }
  const invocationType = textOf(settings['invocationType']) ?? 'RequestResponse';
  if (!isInvocationType(invocationType)) {
    return err(`invocationType must be one of ${INVOCATION_TYPES.join(', ')}`);
  }
  const keys = keysOf(settings, { call, values });
  if (!keys.ok) return keys;
  const payload = call.payload(settings['payload']);
  if (!payload.ok) return payload;
  const roleArn = textOf(settings['roleARN']);
  const role = roleArn === undefined ? {} : { roleArn };
  const identity = { region, ...role, ...keys.value };
  return ok({ identity, functionName, invocationType, payload: payload.value });
}

function keysOf(
  settings: Readonly<Record<string, unknown>>,
  scope: { readonly call: TriggerCall; readonly values: ValueLookup },
): Result<Pick<AwsIdentity, 'keys'>, string> {
  const { accessKey, secretKey } = settings;
  if (accessKey === undefined && secretKey === undefined) return ok({});
  const accessKeyId = secretOf(accessKey, 'accessKey', scope);
  if (!accessKeyId.ok) return accessKeyId;
  const secretAccessKey = secretOf(secretKey, 'secretKey', scope);
  if (!secretAccessKey.ok) return secretAccessKey;
  return ok({
    keys: { accessKeyId: accessKeyId.value, secretAccessKey: secretAccessKey.value },
  });
}

async function clientFor(identity: AwsIdentity): Promise<LambdaClient> {
  // Loaded with the first firing; a sensor without such a trigger never reads it.
  const { LambdaClient: Client } = await import('@aws-sdk/client-lambda');
  const credentials = await awsCredentials(identity);
  // How often to try is the trigger's retryStrategy to say.
  return new Client({ region: identity.region, credentials, maxAttempts: 1 });
}

async function invoke(
  client: LambdaClient,
  invocation: Invocation,
  call: TriggerCall,
): Promise<TriggerOutcome> {
  const { InvokeCommand } = await import('@aws-sdk/client-lambda');
  const { functionName, invocationType, payload } = invocation;
  const custom = { 'argosy-firing-id': call.firingId, traceparent: call.traceparent };
  const clientContext = Buffer.from(JSON.stringify({ custom })).toString('base64');
  const command = new InvokeCommand({
    FunctionName: functionName,
    InvocationType: invocationType,
    Payload: new TextEncoder().encode(payload),
    ...(invocationType === 'RequestResponse' ? { ClientContext: clientContext } : {}),
  });
  const abortSignal = AbortSignal.any([call.signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]);
  const answer = await client.send(command, { abortSignal });
  if (answer.FunctionError !== undefined) {
    const said = new TextDecoder().decode(answer.Payload).slice(0, 300);
    return { kind: 'Failed', reason: `the function ended with an error: ${said}` };
  }
  return judgedByStatus(answer.StatusCode ?? 0, call.policy);
}
