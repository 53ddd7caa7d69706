// Covers how output becomes chunks on the bus: lines, order, size, characters, back-pressure, the limit of one
// task, a bus that fails. Leaves out where the output comes from.
import { logSubject, STREAMS } from '@argosy/api';
import { createMemoryBus, type Bus, type StoredMessage } from '@argosy/bus';
import { expect, test } from 'vitest';
import type { LogAddress } from './chunk-sender.ts';
import { LOG_BACKLOG_BYTES_MAX, LOG_CHUNK_BYTES_MAX } from './limits.ts';
import { createLogShipper } from './log-shipper.ts';

const address: LogAddress = {
  namespace: 'default',
  uid: 'u',
  workflow: 'wf',
  nodeId: 'n',
  idPrefix: 't-1',
};

async function stored(bus: Bus): Promise<StoredMessage[]> {
  const messages: StoredMessage[] = [];
  const all = bus.read(STREAMS.logs, logSubject('default', 'u', 'n'));
  for await (const message of all) messages.push(message);
  return messages;
}

function texts(messages: readonly StoredMessage[]): readonly string[] {
  return messages.map((message) =>
    new TextDecoder('utf-8', { fatal: true }).decode(message.event.data),
  );
}

test('output is sent in whole lines, and the last line is ended when the log closes', async () => {
  const bus = createMemoryBus();
  const shipper = createLogShipper(bus, address);
  const line = `${'x'.repeat(99)}\n`;
  void shipper.push('stdout', 'main', Buffer.from(line.repeat(200) + 'tail'));
  await shipper.close();
  const chunks = texts(await stored(bus));
  expect(chunks.join('')).toBe(line.repeat(200) + 'tail\n');
  expect(chunks.slice(0, -1).every((chunk) => chunk.endsWith('\n'))).toBe(true);
  expect(chunks.every((chunk) => chunk.length <= LOG_CHUNK_BYTES_MAX)).toBe(true);
});

test('a chunk says which stream and container it is from', async () => {
  const bus = createMemoryBus();
  const shipper = createLogShipper(bus, address);
  void shipper.push('stderr', 'sidecar', Buffer.from('x\n'));
  await shipper.close();
  const [chunk] = await stored(bus);
  expect(chunk?.event.extensions).toEqual({ stream: 'stderr', container: 'sidecar' });
  expect(chunk?.event.type).toBe('argosy.workflow.log.v1');
});

test('output that waits for its line end is sent after the flush time', async () => {
  const bus = createMemoryBus();
  const shipper = createLogShipper(bus, address);
  void shipper.push('stdout', 'main', Buffer.from('no newline'));
  await expect.poll(async () => texts(await stored(bus))).toEqual(['no newline']);
  await shipper.close();
});

test('a long line is cut between characters', async () => {
  const bus = createMemoryBus();
  const shipper = createLogShipper(bus, address);
  const text = `a${'€'.repeat(LOG_CHUNK_BYTES_MAX)}`;
  void shipper.push('stdout', 'main', Buffer.from(text));
  await shipper.close();
  // Decoding is fatal, so a cut within a character would throw.
  expect(texts(await stored(bus)).join('')).toBe(`${text}\n`);
});

test('a slow bus holds the task back, and everything arrives once', async () => {
  const bus = createMemoryBus();
  const { promise: open, resolve } = Promise.withResolvers<void>();
  const slow: Bus = { ...bus, publish: (...args) => open.then(() => bus.publish(...args)) };
  const shipper = createLogShipper(slow, address);
  const pending = shipper.push('stdout', 'main', Buffer.alloc(LOG_BACKLOG_BYTES_MAX + 1, 'x'));
  expect(pending).toBeInstanceOf(Promise);
  resolve();
  await pending;
  await shipper.close();
  // What was written, and the end of its line.
  expect(shipper.sentBytes).toBe(LOG_BACKLOG_BYTES_MAX + 2);
  expect(shipper.push('stdout', 'main', Buffer.from('more'))).toBeUndefined();
  await shipper.close();
});

test('output over the limit of a task is refused with a word about it', async () => {
  const bus = createMemoryBus();
  const shipper = createLogShipper(bus, address, { bytesMax: 10 });
  void shipper.push('stdout', 'main', Buffer.from('12345678\n'));
  void shipper.push('stdout', 'main', Buffer.from('too much\n'));
  void shipper.push('stdout', 'main', Buffer.from('and more\n'));
  await shipper.close();
  const text = texts(await stored(bus)).join('');
  expect(text).toContain('12345678\n');
  expect(text).not.toContain('too much');
  expect(text.match(/the rest is not kept/g)).toHaveLength(1);
  expect(shipper.lostBytes).toBe(18);
});

test('a bus that refuses logs costs the logs and nothing else', async () => {
  const bus = createMemoryBus();
  const broken: Bus = { ...bus, publish: () => Promise.reject(new Error('down')) };
  const shipper = createLogShipper(broken, address);
  void shipper.push('stdout', 'main', Buffer.from('gone\n'));
  await shipper.close();
  expect(shipper.lostBytes).toBe(5);
});
