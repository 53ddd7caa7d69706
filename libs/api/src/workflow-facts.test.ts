// Covers the wire form of every kind of fact, compared with what protobuf-es makes of facts.proto. Leaves out what
// facts mean: see core-workflow.
import type { Fact } from '@argosy/core-workflow';
import { headerOf } from '@argosy/core-workflow/testing';
import { create, fromBinary, fromJson, toBinary, toJson } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { FactBatchSchema, FactSchema } from './gen/argosy/workflow/v1/facts_pb.js';
import { decodeFacts, encodeFacts, encodeFactsInPieces } from './workflow-facts.ts';

const AT = 1_700_000_000_123;

const header = headerOf({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Workflow',
  metadata: { name: 'wf' },
  spec: {
    entrypoint: 'main',
    templates: [{ name: 'main', container: { image: 'a', args: ['é"'] } }],
  },
});

const facts: readonly Fact[] = [
  { kind: 'RunSubmitted', at: AT, run: header },
  { kind: 'RunStarted', at: AT },
  { kind: 'RunSuspended', at: AT + 5, suspended: true },
  { kind: 'RunShutdown', at: AT, strategy: 'Stop', message: 'enough' },
  { kind: 'RunDeadlineReached', at: AT },
  { kind: 'RunLabelled', at: AT, labels: { a: 'b' } },
  { kind: 'RunRetried', at: AT, dropped: [1, 2], reopened: [0], parameters: { x: '1' } },
  {
    kind: 'NodeCreated',
    at: AT,
    type: 'Pod',
    phase: 'Pending',
    relation: 'step',
    parent: 0,
    slot: 3,
    item: 0,
    plan: 0,
    label: 'a(0:x)',
    message: '',
    parameters: ['', null, 'v'],
    artifacts: [{ name: 'in', path: '/in', raw: { data: 'x' } }],
    until: AT + 1_000,
  },
  {
    kind: 'NodeCreated',
    at: AT,
    type: 'Skipped',
    phase: 'Omitted',
    relation: 'root',
    parent: -1,
    slot: 0,
    item: -1,
    plan: -1,
    label: '',
    message: 'omitted: depends condition not met',
    until: 0,
  },
  { kind: 'NodeStarted', at: AT, node: 1, hostNodeName: 'h', podIP: '10.0.0.1', until: 0 },
  { kind: 'NodeProgressed', at: AT, node: 1, progress: '1/2' },
  {
    kind: 'NodeFinished',
    at: AT,
    node: 1,
    phase: 'Error',
    message: 'm',
    outputs: { result: '', exitCode: '1', parameters: { p: 'v' }, artifacts: [{ name: 'o' }] },
    cancel: 'Deadline',
  },
  { kind: 'NodeFinished', at: AT, node: 1, phase: 'Succeeded', message: '' },
  { kind: 'NodeSettled', at: AT, node: 1 },
  { kind: 'NodeWaiting', at: AT, node: 2, until: AT + 4_000, message: 'Backoff for 4 seconds' },
  { kind: 'NodeWoken', at: AT, node: 2 },
  { kind: 'NodeAmended', at: AT, node: 3, message: 'm', parameters: { p: 'v' } },
  { kind: 'LoopExpanded', at: AT, node: 4, slot: 1, items: ['"a"', '{"b":1}'] },
  {
    kind: 'NodeCreated',
    at: AT,
    type: 'Pod',
    phase: 'Pending',
    relation: 'task',
    parent: 0,
    slot: 0,
    item: -1,
    plan: 2,
    label: '',
    message: '',
    until: 0,
    pendingUntil: AT + 7,
    gate: {
      locks: [
        { kind: 'Mutex', namespace: 'ns', name: 'm', key: '' },
        { kind: 'DatabaseMutex', namespace: 'ns', name: 'd', key: '' },
        { kind: 'ConfigMap', namespace: 'ns', name: 'map', key: 'limit' },
        { kind: 'Database', namespace: 'ns', name: 'd', key: '' },
      ],
      memo: { cache: { namespace: 'ns', name: 'cache' }, key: 'k', maxAgeMs: 0 },
    },
    outputs: { result: 'r' },
  },
  { kind: 'LocksAsked', at: AT, locks: [{ kind: 'Mutex', namespace: 'n', name: 'm', key: '' }] },
  {
    kind: 'LocksWaiting',
    at: AT,
    node: -1,
    message: 'Waiting for n/Mutex/m lock. Lock status: 0/1',
    lock: 'n/Mutex/m',
    heldBy: ['n/wf', 'n/other'],
  },
  { kind: 'LocksGranted', at: AT, node: 5 },
  { kind: 'LocksReturned', at: AT, holder: 'u_3_0' },
  { kind: 'MemoAnswered', at: AT, node: 5, hit: true },
  { kind: 'NodeAdmitted', at: AT, node: 5, until: AT, pendingUntil: AT + 1 },
  { kind: 'NodeAdmitted', at: AT, node: 6, until: 0 },
  { kind: 'RunFinished', at: AT, phase: 'Failed', message: "child 'wf-1' failed" },
];

test('every kind of fact is the same after the wire', () => {
  expect(decodeFacts(encodeFacts(facts))).toEqual(facts);
});

test('the bytes are those that protobuf-es makes of the same batch, with no field that it does not know', () => {
  const bytes = encodeFacts(facts);
  const batch = fromBinary(FactBatchSchema, bytes);
  expect(batch.facts.map(({ kind }) => kind.case)).not.toContain(undefined);
  // JSON drops fields that facts.proto lacks, so nothing may be missing after the way through it.
  const again = fromJson(FactBatchSchema, toJson(FactBatchSchema, batch));
  expect(toBinary(FactBatchSchema, again)).toEqual(bytes);
});

test('every kind that facts.proto knows can be read', () => {
  const numbers = FactSchema.oneofs.flatMap(({ fields }) => fields.map(({ number }) => number));
  const written = new Set(facts.map((fact) => fieldOf(fact)));
  expect(numbers.length).toBeGreaterThan(15);
  for (const number of numbers) {
    expect(written.has(number), `no fact of the test has the field ${number}`).toBe(true);
  }
});

test('fields in another order, unknown ones and numbers that are not packed are read too', () => {
  const known = toBinary(
    FactSchema,
    create(FactSchema, { kind: { case: 'runStarted', value: {} } }),
  );
  // at_delta_ms = 2 behind the kind; then an unknown field 100 of the batch; then RunRetried with dropped 7, 8 unpacked.
  const delta = Uint8Array.of(0x09, 0, 0, 0, 0, 0, 0, 0, 0x40);
  const retried = Uint8Array.of(0x4a, 0x04, 0x08, 0x07, 0x08, 0x08);
  const data = [
    ...[0x12, known.length + delta.length, ...known, ...delta],
    ...[0xa0, 0x06, 0x01],
    ...[0x12, retried.length, ...retried],
  ];
  expect(decodeFacts(Uint8Array.from(data))).toEqual([
    { kind: 'RunStarted', at: 2 },
    { kind: 'RunRetried', at: 0, dropped: [7, 8], reopened: [], parameters: {} },
  ]);
});

test('bytes that end too early are an error wherever they are cut', () => {
  const bytes = encodeFacts(facts.slice(0, 8));
  let refused = 0;
  for (let length = 1; length < bytes.length; length += 7) {
    try {
      expect(decodeFacts(bytes.subarray(0, length)).length).toBeLessThan(8);
    } catch {
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(bytes.length / 7 - 10);
});

test('long texts, texts beyond ASCII and keys such as __proto__ are the same after the wire', () => {
  const parameters = JSON.parse('{"__proto__":"a","":"","é":"日本"}') as Record<string, string>;
  const special: Fact[] = ['x'.repeat(200), 'é'.repeat(40), '😀'.repeat(70_000)].map(
    (message): Fact => ({ kind: 'NodeAmended', at: AT, node: 0xff_ff_ff, message, parameters }),
  );
  const [first] = decodeFacts(encodeFacts(special));
  expect(decodeFacts(encodeFacts(special))).toEqual(special);
  expect(Object.entries(first?.kind === 'NodeAmended' ? first.parameters : {})).toEqual(
    Object.entries(parameters),
  );
});

test('pieces hold all facts in order, and none has more bytes than it may', () => {
  const many = Array.from({ length: 500 }, (_, node): Fact => ({
    kind: 'NodeProgressed',
    at: AT + node,
    node,
    progress: node === 250 ? 'x'.repeat(2_000) : '1/2',
  }));
  const pieces = [...encodeFactsInPieces(many, 1_000)];
  expect(pieces.flatMap((piece) => decodeFacts(piece))).toEqual(many);
  expect(pieces.every((piece) => piece.length <= 1_000)).toBe(true);
  expect(pieces.length).toBeLessThan(30);
});

test('a fact that is too large for a message is compressed, and the same after the wire', () => {
  const items = Array.from({ length: 5_000 }, (_, index) => JSON.stringify(String(index)));
  const large: Fact = { kind: 'LoopExpanded', at: AT, node: 1, slot: 0, items };
  const pieces = [...encodeFactsInPieces([large, { kind: 'RunStarted', at: AT }], 10_000)];
  expect(pieces).toHaveLength(2);
  expect(pieces[0]?.length).toBeLessThan(encodeFacts([large]).length / 2);
  expect(pieces.flatMap((piece) => decodeFacts(piece))).toEqual([
    large,
    { kind: 'RunStarted', at: AT },
  ]);
});

test('an empty batch is the same after the wire', () => {
  expect(decodeFacts(encodeFacts([]))).toEqual([]);
});

test('a fact of a kind that this version does not know is an error, not a hole', () => {
  // FactBatch { facts: [ Fact { <field 999>: "" } ] }
  const unknown = Uint8Array.of(0x12, 0x03, 0xba, 0x3e, 0x00);
  expect(() => decodeFacts(unknown)).toThrow('does not know');
});

test('a node of a loop takes less than 60 bytes besides its values', () => {
  const node = facts.find((fact) => fact.kind === 'NodeCreated');
  if (node?.kind !== 'NodeCreated') throw new Error('no NodeCreated among the facts');
  const { artifacts: _artifacts, ...plain } = { ...node, until: 0, label: '', parameters: ['v'] };
  const one = encodeFacts([plain]).length;
  const two = encodeFacts([plain, plain]).length;
  expect(two - one).toBeLessThan(60);
});

/** The field of the message Fact that a fact is written into. */
function fieldOf(fact: Fact): number | undefined {
  const [wire] = fromBinary(FactBatchSchema, encodeFacts([fact])).facts;
  return FactSchema.fields.find(({ localName }) => localName === wire?.kind.case)?.number;
}
