// Covers the Azure Queue Storage source against Azurite, which speaks the service's protocol: messages become
// events and are deleted after that, what can be no event goes or stays as `dlq` says, a bus and a service
// that are away. Skipped, and it says so, where Azurite is not installed. Leaves out logins without keys,
// which Azurite does not check.
import { ArgosyError } from '@argosy/base';
import { eventually, tellSkipped } from '@argosy/testkit';
import { QueueServiceClient, type QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { driverRecorder, emittedData, type DriverRecorder } from '../../testing/driver-recorder.ts';
import { dataOf, startHarness } from '../../testing/harness.ts';
import type { RunningDriver } from '../driver.ts';
import { createAzureQueueStorageDriver } from './driver.ts';
import { azuriteVersion, startAzurite, type Azurite } from './testing/azurite.ts';

const WITHIN = { timeoutMs: 30_000, intervalMs: 50 };
const TIMEOUT_MS = 90_000;
const version = azuriteVersion();
const SUITE = `source azureQueueStorage, against Azurite ${version ?? ''}`.trim();
if (version === undefined) tellSkipped(SUITE, 'install it with .ci/servers/azurite.sh');

describe.skipIf(version === undefined)(SUITE, { timeout: TIMEOUT_MS }, () => {
  let azurite: Azurite;
  beforeAll(async () => {
    azurite = await startAzurite();
  }, TIMEOUT_MS);
  afterAll(() => azurite[Symbol.asyncDispose]());

  async function queueCalled(name: string): Promise<QueueClient> {
    const service = QueueServiceClient.fromConnectionString(azurite.connectionString);
    const queue = service.getQueueClient(name);
    await queue.create();
    return queue;
  }
  const recorderHere = (): DriverRecorder =>
    driverRecorder({ 'azure/string': azurite.connectionString });
  const startSource = (recorder: DriverRecorder, settings: object): Promise<RunningDriver> =>
    createAzureQueueStorageDriver().start({ ...SETTINGS, ...settings }, recorder.context);

  test('a message is an event and is deleted', async () => {
    const queue = await queueCalled('orders');
    await using harness = await startHarness();
    await harness.apply('Secret', 'azure', { stringData: { string: azurite.connectionString } });
    await harness.apply('EventSource', 'shop', {
      spec: { azureQueueStorage: { orders: { ...SETTINGS, queueName: 'orders' } } },
    });
    const { messageId } = await queue.sendMessage('{"n":1}');
    await eventually(async () => expect((await harness.events()).length).toBe(1), WITHIN);
    const [event] = await harness.events();
    expect(event?.event).toMatchObject({ type: 'azureQueueStorage', source: 'shop' });
    expect(dataOf(event)).toMatchObject({ messageID: messageId, body: { n: 1 } });
    await eventually(async () => expect(await countOf(queue)).toBe(0), WITHIN);
  });

  test('messages are stored in the order in which the queue gives them', async () => {
    const queue = await queueCalled('ordered');
    for (let n = 0; n < 25; n += 1) await queue.sendMessage(`{"n":${n}}`);
    const recorder = recorderHere();
    const running = await startSource(recorder, { queueName: 'ordered' });
    await eventually(() => recorder.emitted.length === 25, WITHIN);
    await running.stop();
    const numbers = emittedData(recorder).map(({ body }) => (body as { n: number }).n);
    expect(numbers).toEqual(Array.from({ length: 25 }, (_, n) => n));
    expect(await countOf(queue)).toBe(0);
  });

  test('what is no JSON is deleted, and left to the dead letters when there are some', async () => {
    const [plain, kept] = [await queueCalled('plain'), await queueCalled('kept')];
    const recorder = recorderHere();
    const sources = [
      await startSource(recorder, { queueName: 'plain' }),
      await startSource(recorder, { queueName: 'kept', dlq: true }),
    ];
    for (const queue of [plain, kept]) {
      await queue.sendMessage('no json');
      await queue.sendMessage('{"n":1}');
    }
    await eventually(async () => {
      expect(recorder.refusals).toBe(2);
      expect([await countOf(plain), await countOf(kept)]).toEqual([0, 1]);
    }, WITHIN);
    await Promise.all(sources.map((running) => running.stop()));
    expect(recorder.emitted.length).toBe(2);
  });

  test('a message that the bus does not take stays in the queue', async () => {
    const queue = await queueCalled('waiting');
    await queue.sendMessage('{"n":1}');
    const recorder = recorderHere();
    recorder.failure = new ArgosyError('UNAVAILABLE', 'the bus is away');
    const first = await startSource(recorder, { queueName: 'waiting' });
    await eventually(() => first.health().kind === 'Failing', WITHIN);
    expect(await countOf(queue)).toBe(1);
    recorder.failure = undefined;
    await eventually(async () => expect(await countOf(queue)).toBe(0), WITHIN);
    await first.stop();
    expect(recorder.emitted.length).toBe(1);
  });

  test('a missing Secret, a missing queue and a service that is away are told, and end by themselves', async () => {
    const secrets: Record<string, string> = {};
    const recorder = driverRecorder(secrets);
    const running = await startSource(recorder, { queueName: 'late' });
    const reason = (): string => JSON.stringify(running.health());
    await eventually(
      () => expect(reason()).toContain('the secret azure has no key string'),
      WITHIN,
    );
    secrets['azure/string'] = azurite.connectionString;
    await eventually(() => expect(reason()).toContain('QueueNotFound'), WITHIN);
    const queue = await queueCalled('late');
    await eventually(() => expect(running.health()).toEqual({ kind: 'Healthy' }), WITHIN);
    await azurite.kill();
    await eventually(() => expect(reason()).toContain('ECONNREFUSED'), WITHIN);
    await azurite.start();
    // A server that is killed may have forgotten a queue that was made a moment before.
    await queue.createIfNotExists();
    await eventually(() => expect(running.health()).toEqual({ kind: 'Healthy' }), WITHIN);
    await queue.sendMessage('{"n":1}');
    await eventually(() => recorder.emitted.length === 1, WITHIN);
    await running.stop();
  });
});

const SETTINGS = {
  connectionString: { name: 'azure', key: 'string' },
  jsonBody: true,
  waitTimeInSeconds: 0.1,
};

/** Messages in the queue, those included that a receiver holds. */
async function countOf(queue: QueueClient): Promise<number> {
  return (await queue.getProperties()).approximateMessagesCount ?? 0;
}
