// Covers the trigger against moto: what a function gets, the kinds of invocation, its status under a policy, a
// function that is not there, a role. Skipped, and it says so, where moto is not installed. Leaves out
// functions that run: moto only answers for them.
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { motoVersion, startTestMoto, tellSkipped, type TestMoto } from '@argosy/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { environmentWith, runTrigger } from '../testing/trigger-call.ts';
import { createAwsLambdaTrigger } from './aws-lambda.ts';

const version = motoVersion();
const title = `trigger awsLambda, against ${version ?? 'moto'}`;
if (version === undefined) tellSkipped(title, "pip install 'moto[server]'");
const environment = environmentWith({ 'aws/access': 'AKIDEXAMPLE', 'aws/secret': 'example' });
const settings = {
  functionName: 'hello',
  region: 'us-east-1',
  accessKey: { name: 'aws', key: 'access' },
  secretKey: { name: 'aws', key: 'secret' },
  payload: [['name', 'world']],
};

afterEach(() => vi.unstubAllEnvs());

describe.skipIf(version === undefined)(title, () => {
  let moto: TestMoto;

  beforeAll(async () => {
    moto = await startTestMoto();
    // Functions are answered for and not run.
    await fetch(`${moto.url}/moto-api/config`, {
      method: 'POST',
      body: JSON.stringify({ lambda: { use_docker: false } }),
    });
    const client = new LambdaClient({
      region: 'us-east-1',
      endpoint: moto.url,
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' },
    });
    const Role = await roleAt(moto.url);
    const Code = { ZipFile: new TextEncoder().encode('no zip') };
    const common = { Runtime: 'python3.11', Handler: 'a.b', Code, Role } as const;
    await client.send(new CreateFunctionCommand({ FunctionName: 'hello', ...common }));
    client.destroy();
  });
  afterAll(() => moto.stop());

  test('a function is invoked in each way, and its status is judged by the policy', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', moto.url);
    const trigger = createAwsLambdaTrigger();
    for (const [invocationType, status] of [
      [undefined, 200],
      ['RequestResponse', 200],
      ['Event', 202],
      ['DryRun', 204],
    ] as const) {
      const given = { ...settings, ...(invocationType === undefined ? {} : { invocationType }) };
      expect(await runTrigger(trigger, given, { environment })).toEqual({ kind: 'Done' });
      const good = { status: { allow: [status] } };
      expect(await runTrigger(trigger, given, { environment, policy: good })).toEqual({
        kind: 'Done',
      });
      const other = { status: { allow: [299] } };
      expect(await runTrigger(trigger, given, { environment, policy: other })).toMatchObject({
        kind: 'Failed',
        reason: expect.stringContaining(String(status)),
      });
    }
    await trigger.close?.();
  });

  test('a role is taken on at STS, without which nothing is invoked', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', moto.url);
    vi.stubEnv('AWS_ENDPOINT_URL_STS', 'http://127.0.0.1:1');
    const trigger = createAwsLambdaTrigger();
    const byRole = { ...settings, roleARN: 'arn:aws:iam::123456789012:role/caller' };
    expect((await runTrigger(trigger, byRole, { environment })).kind).toBe('Failed');
    vi.stubEnv('AWS_ENDPOINT_URL_STS', moto.url);
    const anew = createAwsLambdaTrigger();
    expect(await runTrigger(anew, byRole, { environment })).toEqual({ kind: 'Done' });
    await Promise.all([trigger.close?.(), anew.close?.()]);
  });
});

test('a function that ends with an error or is not there makes a failed attempt', async () => {
  const seen: { body: string; context: string }[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      seen.push({ body, context: String(request.headers['x-amz-client-context']) });
      const isAbsent = request.url?.includes('absent') === true;
      response.statusCode = isAbsent ? 404 : 200;
      const name = isAbsent ? 'x-amzn-errortype' : 'x-amz-function-error';
      response.setHeader(name, isAbsent ? 'ResourceNotFoundException' : 'Unhandled');
      response.end('{"errorMessage":"no such order"}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', `http://127.0.0.1:${port}`);
  const trigger = createAwsLambdaTrigger();
  expect(await runTrigger(trigger, settings, { environment, firingId: 'f7' })).toMatchObject({
    kind: 'Failed',
    reason: expect.stringContaining('no such order'),
  });
  expect(seen[0]?.body).toBe('{"name":"world"}');
  const context = Buffer.from(seen[0]?.context ?? '', 'base64').toString();
  expect(context).toContain('"argosy-firing-id":"f7"');
  const absent = { ...settings, functionName: 'absent' };
  expect(await runTrigger(trigger, absent, { environment })).toMatchObject({
    kind: 'Failed',
    reason: expect.stringContaining('ResourceNotFoundException'),
  });
  await trigger.close?.();
  server.close();
  server.closeAllConnections();
});

test('settings that are wrong are told by field', async () => {
  const trigger = createAwsLambdaTrigger();
  const wrong = { region: 'r', invocationType: 'Later', accessKey: { name: 'a', key: 'k' } };
  expect(trigger.problems(wrong)).toEqual([
    'functionName is missing; set the name of the function',
    'payload is missing; list the parameters that make up what the function gets',
    'invocationType must be one of RequestResponse, Event, DryRun',
    'accessKey and secretKey go together',
  ]);
  expect(await runTrigger(trigger, settings)).toEqual({
    kind: 'Refused',
    reason: 'accessKey: the Secret aws has no key access',
  });
});

/** moto makes functions only for roles that it knows; it reads the service from the signature's scope. */
async function roleAt(url: string): Promise<string> {
  const scope = 'AKIDEXAMPLE/20260101/us-east-1/iam/aws4_request';
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
    },
    body: new URLSearchParams({
      Action: 'CreateRole',
      Version: '2010-05-08',
      RoleName: 'runner',
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'lambda.amazonaws.com' },
            Action: 'sts:AssumeRole',
          },
        ],
      }),
    }),
  });
  return /<Arn>([^<]+)/.exec(await answer.text())?.[1] ?? '';
}
