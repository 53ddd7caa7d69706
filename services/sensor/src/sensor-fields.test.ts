// Covers that the status of a Sensor names the fields that have no effect, and that it runs all the same. Leaves out which
// fields there are (libs/core-events).
import { BUCKETS, resourceKey } from '@argosy/api';
import { eventually } from '@argosy/testkit';
import { expect, test } from 'vitest';
import { sensorOf, startHarness, submitTrigger } from './testing/harness.ts';

test('a field that has no effect is named in the status, as long as it is there', async () => {
  await using harness = await startHarness();
  const conditions = async (): Promise<Record<string, string>> => {
    const bucket = await harness.bus.keyValue(BUCKETS.resources);
    const entry = await bucket.get(resourceKey('Sensor', 'default', 'orders'));
    const { status } = JSON.parse(new TextDecoder().decode(entry?.value)) as {
      readonly status?: {
        readonly conditions?: { type: string; status: string; message: string }[];
      };
    };
    const all = status?.conditions ?? [];
    return Object.fromEntries(all.map((one) => [one.type, `${one.status} ${one.message}`]));
  };
  const trigger = submitTrigger();
  await harness.apply('Sensor', 'orders', sensorOf(['e'], { ...trigger, retries: 3 }));
  await eventually(async () =>
    expect(await conditions()).toMatchObject({
      Deployed: 'True ',
      FieldsRead: 'True spec.triggers[0].retries has no effect here',
    }),
  );
  await harness.apply('Sensor', 'orders', sensorOf(['e'], trigger));
  await eventually(async () => {
    const now = await conditions();
    expect(now).toMatchObject({ Deployed: 'True ' });
    expect(now).not.toHaveProperty('FieldsRead');
  });
});

test('the texts of loggingFields are in the lines that the triggers of a sensor log', async () => {
  await using harness = await startHarness();
  const { spec } = sensorOf(['e'], { template: { name: 'say', log: {} } }) as { spec: object };
  await harness.apply('Sensor', 'orders', { spec: { ...spec, loggingFields: { team: 'blue' } } });
  await eventually(async () => expect(await harness.condition('orders', 'Deployed')).toBe(''));
  await harness.send({ eventSource: 'shop', eventName: 'e', id: 'e1', data: {} });
  await eventually(() =>
    expect(harness.logs).toContainEqual(
      expect.objectContaining({ team: 'blue', sensor: 'orders', trigger: 'say' }),
    ),
  );
});
