// Covers the nats source against a real nats-server: subjects, queues and headers, users, NKeys, permissions,
// TLS, a server that is killed and comes back. Leaves out settings and bodies (nats.test.ts), and credentials
// files, which take an operator's server.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectOutsideNats, type OutsideNats } from '@argosy/bus';
import {
  eventually,
  freePort,
  natsServerProgram,
  startServerProcess,
  startTestNats,
  tellSkipped,
  temporaryDirectory,
  testCertificate,
  type ServerProcess,
} from '@argosy/testkit';
import { describe, expect, test } from 'vitest';
import { driverRecorder, emittedData } from '../../testing/driver-recorder.ts';
import { createNatsDriver } from './driver.ts';

const program = await natsServerProgram().catch(() => undefined);
const title = `source nats, against nats-server ${program?.version ?? ''}`.trim();
if (program === undefined) tellSkipped(title, 'nats-server cannot be obtained');
const driver = createNatsDriver();

const NKEY = 'UBIYWS7MF34IZQORE2TUQKTVZGNV3RJC3LMTJWK2IODEF3OKNSYRRB25';
const NKEY_SEED = 'SUAFUE47HDXM5QOHAQGL6NGI4IJAE6YMKEAS3FC6BJMRXDQQPW25REBP7Y';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A server with settings of a test's own. */
async function startServer(
  directory: string,
  config: string,
): Promise<ServerProcess & { readonly url: string }> {
  const port = await freePort();
  const file = join(directory, 'nats.conf');
  await writeFile(file, `listen: 127.0.0.1:${port}\n${config}`);
  const server = await startServerProcess({
    command: program?.path ?? '',
    args: ['-c', file],
    port,
  });
  return { ...server, url: `nats://127.0.0.1:${port}` };
}

/** A publisher of the tests' own. */
function publisher(url: string, token: string): Promise<OutsideNats> {
  return connectOutsideNats({ url, name: 'test', credentials: { kind: 'Token', token } });
}

describe.skipIf(program === undefined)(title, () => {
  test('what is published on a subject becomes an event, once for all subscribers of a queue', async () => {
    await using nats = await startTestNats();
    await using client = await publisher(nats.url, nats.token);
    const recorder = driverRecorder({ 'nats/token': nats.token });
    const auth = { token: { name: 'nats', key: 'token' } };
    const settings = { url: nats.url, subject: 'orders.>', queue: 'q', auth, jsonBody: true };
    const first = await driver.start(settings, recorder.context);
    const second = await driver.start(settings, recorder.context);
    expect(first.health()).toEqual({ kind: 'Healthy' });
    await client.publish('orders.new', bytes('{"a":1}'), { 'X-Shop': '7' });
    await client.publish('other', bytes('{}'), {});
    await client.publish('orders.new', bytes('{'), {});
    await eventually(() => recorder.refusals === 1);
    await eventually(() => recorder.emitted.length === 1);
    expect(emittedData(recorder)).toEqual([
      { subject: 'orders.new', header: { 'X-Shop': ['7'] }, body: { a: 1 } },
    ]);
    await first.stop();
    await client.publish('orders.old', bytes('{}'), {});
    await eventually(() => recorder.emitted.length === 2);
    await second.stop();
  });

  test('a server that is killed and comes back is listened to again, and the health tells it meanwhile', async () => {
    await using nats = await startTestNats();
    const recorder = driverRecorder({ 'nats/token': nats.token });
    const auth = { token: { name: 'nats', key: 'token' } };
    const settings = { url: nats.url, subject: 'orders', auth };
    const running = await driver.start(settings, recorder.context);
    await nats.kill();
    await eventually(() => running.health().kind === 'Failing');
    expect(JSON.stringify(running.health())).toContain(nats.url);
    await nats.restart();
    await eventually(() => running.health().kind === 'Healthy');
    await using client = await publisher(nats.url, nats.token);
    await client.publish('orders', bytes('hi'), {});
    await eventually(() => recorder.emitted.length === 1);
    expect(emittedData(recorder)).toEqual([{ subject: 'orders', body: 'aGk=' }]);
    await running.stop();
  });

  test('users, NKeys and what they may not do are told by the health, without secrets', async () => {
    await using directory = await temporaryDirectory();
    const permissions = 'permissions: { subscribe: ["foo"], publish: ["foo"] }';
    await using server = await startServer(
      directory.path,
      `authorization { users: [
        { user: "ann", password: "secret", ${permissions} }
        { nkey: "${NKEY}" }
      ] }`,
    );
    const secrets = { 'n/user': 'ann', 'n/password': 'secret', 'n/seed': NKEY_SEED };
    const basic = {
      username: { name: 'n', key: 'user' },
      password: { name: 'n', key: 'password' },
    };
    const start = async (subject: string, auth: object, values = secrets): Promise<string> => {
      const { context } = driverRecorder(values);
      const running = await driver.start({ url: server.url, subject, auth }, context);
      const health = JSON.stringify(running.health());
      await running.stop();
      return health;
    };
    expect(await start('foo', { basic })).toContain('Healthy');
    expect(await start('bar', { basic })).toMatch(/permissions violation/i);
    expect(await start('bar', { nkey: { name: 'n', key: 'seed' } })).toContain('Healthy');
    const wrong = await start('foo', { basic }, { ...secrets, 'n/password': 'hunter2' });
    expect(wrong).toMatch(/authorization violation/i);
    expect(wrong).not.toContain('hunter2');
    expect(await start('foo', { nkey: { name: 'n', key: 'gone' } })).toContain('n has no key gone');
    expect(await start('foo', { nkey: { name: 'n', key: 'user' } })).toContain(
      'invalid encoded key',
    );
  });

  test('over TLS the server is known by the certificate of the secret', async () => {
    await using directory = await temporaryDirectory();
    const certificate = await testCertificate(['localhost']);
    const [cert, key] = [join(directory.path, 'cert.pem'), join(directory.path, 'key.pem')];
    await writeFile(cert, certificate.cert);
    await writeFile(key, certificate.key);
    await using server = await startServer(
      directory.path,
      `tls { cert_file: "${cert}", key_file: "${key}" }`,
    );
    const settings = {
      url: server.url.replace('127.0.0.1', 'localhost'),
      subject: 'a',
      tls: { caCertSecret: { name: 'n', key: 'ca' } },
    };
    const known = await driver.start(
      settings,
      driverRecorder({ 'n/ca': certificate.cert }).context,
    );
    expect(known.health()).toEqual({ kind: 'Healthy' });
    await known.stop();
    const stranger = await testCertificate(['localhost']);
    const fooled = await driver.start(settings, driverRecorder({ 'n/ca': stranger.cert }).context);
    expect(JSON.stringify(fooled.health())).toContain('certificate');
    await fooled.stop();
    const trusting = { ...settings, tls: { insecureSkipVerify: true } };
    const blind = await driver.start(trusting, driverRecorder().context);
    expect(blind.health()).toEqual({ kind: 'Healthy' });
    await blind.stop();
  });
});
