// Covers the nsq source against a stand-in for nsqlookupd and nsqd, since no server can be had: finishing after
// the event is stored, what is not stored at a stop, a server that goes and comes back, TLS, settings. Leaves
// out what only a real nsqd would show.
import { ArgosyError } from '@argosy/base';
import { eventually, testCertificate } from '@argosy/testkit';
import { describe, expect, test } from 'vitest';
import { driverRecorder, emittedData } from '../../testing/driver-recorder.ts';
import { createNsqDriver } from './driver.ts';
import { startNsqStandIn } from './testing/nsq-stand-in.ts';

const driver = createNsqDriver();
const place = { topic: 'orders', channel: 'argosy', jsonBody: true };

describe('source nsq, against a stand-in that speaks NSQ', () => {
  test('a message becomes an event and is finished after it is stored; one that can be none is refused', async () => {
    await using nsq = await startNsqStandIn();
    const recorder = driverRecorder();
    const settings = { ...place, hostAddress: nsq.lookupAddress };
    const running = await driver.start(settings, recorder.context);
    expect(running.health()).toEqual({ kind: 'Healthy' });
    nsq.publish('{"a":1}', '{', '2');
    await eventually(() => recorder.emitted.length === 2);
    expect(emittedData(recorder)).toEqual([
      { body: { a: 1 }, timestamp: '1', nsqdAddress: nsq.nsqdAddress },
      { body: 2, timestamp: '3', nsqdAddress: nsq.nsqdAddress },
    ]);
    await eventually(() => nsq.unfinished.length === 0);
    expect([recorder.refusals, nsq.commands[0]]).toEqual([1, 'SUB orders argosy']);
    await running.stop();
  });

  test('what is not stored when the source stops is handed back, and comes the next time', async () => {
    await using nsq = await startNsqStandIn();
    const recorder = driverRecorder();
    const settings = { ...place, hostAddress: nsq.lookupAddress };
    const running = await driver.start(settings, recorder.context);
    recorder.failure = new ArgosyError('UNAVAILABLE', 'the bus is away');
    nsq.publish('1', '2');
    await eventually(() => JSON.stringify(running.health()).includes('the bus is away'));
    await running.stop();
    await eventually(() => nsq.commands.some((line) => line.startsWith('REQ ')));
    expect(nsq.unfinished).toEqual(['1', '2']);
    recorder.failure = undefined;
    const again = await driver.start(settings, recorder.context);
    await eventually(() => recorder.emitted.length === 2);
    await eventually(() => nsq.unfinished.length === 0);
    await again.stop();
  });

  test('a server that goes and comes back is listened to again, and the health tells it meanwhile', async () => {
    await using nsq = await startNsqStandIn();
    const recorder = driverRecorder();
    const settings = { ...place, hostAddress: nsq.lookupAddress };
    const running = await driver.start(settings, recorder.context);
    await nsq.kill();
    await eventually(() => running.health().kind === 'Failing');
    expect(JSON.stringify(running.health())).toContain(`nsqd ${nsq.nsqdAddress}`);
    nsq.publish('1');
    await nsq.restart();
    await eventually(() => recorder.emitted.length === 1);
    await eventually(() => running.health().kind === 'Healthy');
    await running.stop();
  });

  test('over TLS the server is known by the certificate of the secret', async () => {
    const certificate = await testCertificate(['127.0.0.1']);
    await using nsq = await startNsqStandIn(certificate);
    const tls = { caCertSecret: { name: 'n', key: 'ca' } };
    const settings = { ...place, hostAddress: nsq.lookupAddress, tls };
    const recorder = driverRecorder({ 'n/ca': certificate.cert });
    const running = await driver.start(settings, recorder.context);
    expect(running.health()).toEqual({ kind: 'Healthy' });
    nsq.publish('1');
    await eventually(() => recorder.emitted.length === 1);
    await running.stop();
    const stranger = await testCertificate(['127.0.0.1']);
    const fooled = await driver.start(settings, driverRecorder({ 'n/ca': stranger.cert }).context);
    expect(JSON.stringify(fooled.health())).toContain('certificate');
    await fooled.stop();
  });

  test('settings that are wrong are told by field, and a lookup that fails by the health', async () => {
    const problems = driver.problems({ topic: 'a b', hostAddress: 'x' }).join('; ');
    expect(problems).toMatch(/hostAddress must be.*topic must be up to 64.*channel is missing/);
    const settings = { ...place, hostAddress: '127.0.0.1:1' };
    const running = await driver.start(settings, driverRecorder().context);
    expect(JSON.stringify(running.health())).toContain('cannot ask nsqlookupd 127.0.0.1:1');
    await running.stop();
  });
});
