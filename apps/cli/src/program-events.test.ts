// Covers what `argosy events`, `sensor` and `event-source` refuse before a server is asked, and `sensor explain` of a
// file, which needs none. Leaves out what they do with a server; the end-to-end suite covers it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runLine } from './testing/run-line.ts';

let home: string;
let file: string;

const SENSOR = `apiVersion: argoproj.io/v1alpha1
kind: Sensor
metadata: { name: s, namespace: default }
spec:
  dependencies:
    - name: order
      eventSourceName: shop
      eventName: orders
      filters: { data: [{ path: body.id, type: string, value: ['^A'] }] }
    - { name: payment, eventSourceName: shop, eventName: payments }
  triggers:
    - template:
        name: call
        conditions: order
        http:
          url: http://shop.example/
          payload: [{ src: { dependencyName: order, dataKey: body.id }, dest: id }]
`;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'argosy-events-'));
  file = join(home, 'sensor.yaml');
  writeFileSync(file, SENSOR);
});

afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

const run = (argv: readonly string[], input = ''): ReturnType<typeof runLine> =>
  runLine(argv, { home, input });

it.each([
  [['events', 'replay'], /--since <moment>' not specified/],
  [['events', 'tail', '-o', 'wide'], /Allowed choices are json, name/],
  [['events', 'tail', '--follow=maybe'], /Allowed choices are true, false/],
  [['events', 'dlq', 'list', '--limit', '0'], /a number of dead letters: .* from 1 to 5000/],
  [['sensor', 'explain', 's'], /--event <file>' not specified/],
  [['sensor', 'explain', './none.yaml', '--event', '-'], /none\.yaml does not exist/],
])('%j is wrong use and ends with 2', async (argv, message) => {
  const { code, said } = await run(argv, '{}');
  expect(said).toMatch(message);
  expect(code).toBe(2);
});

it('a CloudEvent that lacks what it must have is refused before it is sent', async () => {
  const send = ['events', 'send', 'shop/orders', '--cloud-event', '-d'];
  const { code, said } = await run([...send, '{"specversion":"1.0","id":"1","source":"a"}']);
  expect(said).toContain('lacks the attribute type');
  expect(code).toBe(2);
});

const explain = (...rest: readonly string[]): readonly string[] => [
  'sensor',
  'explain',
  file,
  '--event',
  '-',
  ...rest,
];

it('sensor explain of a file says filter by filter what becomes of data, and what would be sent', async () => {
  const { code, said } = await run(explain('--dependency', 'order'), '{"body":{"id":"A 17"}}');
  expect(code, said).toBe(0);
  const lines = said.replace(/firing: \w{64}/, 'firing: …');
  expect(lines).toBe(`dependency order: taken: its filters let the event pass
  data[0]: passed: body.id is "A 17" and should be = "^A" (string)
dependency payment: not taken: it waits for shop/payments; the event is shop/orders
trigger call (http): fires: its condition holds
  condition: order
  firing: …
  events: order=explained
  settings:
    url: http://shop.example/
  payload: {"id":"A 17"}
`);
});

it('sensor explain takes what `events tail -o json` prints, by the place where the event lies', async () => {
  const event = {
    sequence: 7,
    eventSource: 'shop',
    eventName: 'orders',
    specversion: '1.0',
    id: 'e1',
    source: '/elsewhere',
    type: 'order.placed',
    data: { body: { id: 'B' } },
  };
  const { said } = await run(explain('-o', 'json'), JSON.stringify(event));
  expect(JSON.parse(said)).toMatchObject({
    dependencies: [
      { name: 'order', isMeant: true, isTaken: false, why: 'its filters refuse the event' },
      { name: 'payment', isMeant: false },
    ],
    triggers: [{ name: 'call', fires: false, why: 'none of its dependencies takes the event' }],
  });
});

it('sensor explain asks for the dependency when data alone could be for several', async () => {
  const { code, said } = await run(explain(), '{}');
  expect(said).toContain('name with --dependency what data without attributes comes for');
  expect(said).toContain('there are order, payment');
  expect(code).toBe(2);
  expect((await run(explain('--dependency', 'x'), '{}')).said).toContain('there is no "x"');
  expect((await run(explain(), '{')).said).toContain('- is not JSON');
});
