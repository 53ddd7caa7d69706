// Covers the codec (commands, frames, checksums, batches), addresses and names of topics, and how a client follows
// redirections and proxies. Leaves out what needs a broker (the integration tests of the source and the trigger).
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { deflateSync } from 'node:zlib';
import { unwrap } from '@argosy/base';
import { afterEach, expect, test } from 'vitest';
import { createPulsarClient } from './client.ts';
import { decodeCommand, encodeCommand, SINGLE_METADATA, type Command } from './commands.ts';
import { crc32c } from './crc32c.ts';
import { createFrameReader, decodeEntry, encodeFrame } from './frame.ts';
import { messagesOf } from './messages.ts';
import { parseServiceUrl } from './service-url.ts';
import { topicName } from './topic-name.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test('a command is Protocol Buffers: its type, then its fields under the same number', () => {
  const command: Command = { kind: 'flow', fields: { consumerId: 3, permits: 1_000 } };
  const encoded = encodeCommand(command);
  expect(Buffer.from(encoded).toString('hex')).toBe('080b5a05080310e807');
  expect(decodeCommand(encoded)).toEqual(command);
});

test('numbers keep their 64 bits and their sign, unknown commands and fields are passed over', () => {
  const messageId = { ledgerId: 2n ** 63n + 1n, entryId: 0n, partition: -1 };
  const command: Command = { kind: 'message', fields: { consumerId: 1, messageId } };
  expect(decodeCommand(encodeCommand(command))).toEqual(command);
  expect(decodeCommand(Buffer.from('081f', 'hex'))).toBeUndefined();
  expect(decodeCommand(Buffer.from('08125a00920100', 'hex'))).toEqual({ kind: 'ping', fields: {} });
});

test('the checksum is CRC-32C', () => {
  expect(crc32c(bytesOf('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
});

const ENTRY = { metadata: { publishTimeMs: 1_772_445_840_250 }, payload: bytesOf('hello') };
const SENT: Command = { kind: 'send', fields: { producerId: 1, sequenceId: 2 } };

test('frames are found in what comes in, however it is cut', () => {
  const ping: Command = { kind: 'ping', fields: {} };
  const stream = Buffer.concat([encodeFrame(ping), encodeFrame(SENT, ENTRY), encodeFrame(ping)]);
  for (const size of [1, 3, 7, stream.length]) {
    const read = createFrameReader();
    const frames = [];
    for (let at = 0; at < stream.length; at += size) {
      frames.push(...read(stream.subarray(at, at + size)));
    }
    expect(frames.map(({ command }) => command)).toEqual([ping, SENT, ping]);
    expect(decodeEntry(frames[1]?.rest ?? Buffer.alloc(0))).toMatchObject({
      metadata: ENTRY.metadata,
    });
  }
});

test('damaged frames and entries are told', () => {
  const frame = encodeFrame(SENT, ENTRY);
  frame[frame.length - 1] = 0;
  const [damaged] = createFrameReader()(frame);
  expect(() => decodeEntry(damaged?.rest ?? Buffer.alloc(0))).toThrow('its checksum is wrong');
  expect(() => decodeEntry(Buffer.from([0, 0, 0, 9]))).toThrow('cut off');
  expect(() => createFrameReader()(Buffer.from('ffffffff', 'hex'))).toThrow('its size is');
});

/** A batch as it is stored: each message behind its size and metadata. */
function batchOf(texts: readonly string[]): Buffer {
  const parts = texts.flatMap((text) => {
    const payload = bytesOf(text);
    const single = SINGLE_METADATA.encode({
      payloadBytes: payload.length,
      partitionKey: 'k',
      isCompactedOut: text === 'gone',
    });
    const size = Buffer.alloc(4);
    size.writeUInt32BE(single.length);
    return [size, single, payload];
  });
  return Buffer.concat(parts);
}

test('a batch has its messages with their places, without those that were compacted away', () => {
  const payload = batchOf(['a', 'gone', 'c']);
  const messages = unwrap(messagesOf({ metadata: { messagesInBatch: 3 }, payload }));
  const found = messages.map((one) => [
    one.batchIndex,
    one.key,
    Buffer.from(one.payload).toString(),
  ]);
  expect(found).toEqual([
    [0, 'k', 'a'],
    [2, 'k', 'c'],
  ]);
});

test('entries that cannot be read are told: cut batches, unknown compressions, encryption', () => {
  const cut = { metadata: { messagesInBatch: 2 }, payload: batchOf(['a', 'b']).subarray(0, 12) };
  expect(messagesOf(cut)).toMatchObject({ ok: false, error: 'its batch is cut off' });
  const errorOf = (metadata: object): unknown => messagesOf({ ...ENTRY, metadata });
  expect(errorOf({ compression: 1 })).toMatchObject({ error: expect.stringContaining('LZ4') });
  expect(errorOf({ compression: 4 })).toMatchObject({ error: expect.stringContaining('SNAPPY') });
  expect(errorOf({ compression: 2 })).toMatchObject({
    error: expect.stringContaining('decompress'),
  });
  const half = { ...ENTRY, payload: deflateSync(ENTRY.payload).subarray(0, 6) };
  const metadata = { compression: 2, uncompressedBytes: ENTRY.payload.length };
  expect(messagesOf({ ...half, metadata })).toMatchObject({
    error: expect.stringContaining('its size is another one'),
  });
  expect(errorOf({ encryptionKeys: [bytesOf('x')] })).toMatchObject({
    error: expect.stringContaining('encrypted'),
  });
});

test('addresses are read with several hosts and the ports of the protocol', () => {
  expect(parseServiceUrl('pulsar+ssl://a,[::1]:7000')).toMatchObject({
    value: [
      { host: 'a', port: 6_651, isSecure: true },
      { host: '::1', port: 7_000, isSecure: true },
    ],
  });
  for (const wrong of [
    'http://a',
    'pulsar://',
    'pulsar://a,',
    'pulsar://a:0',
    'pulsar://u@a',
    'a',
  ]) {
    expect(parseServiceUrl(wrong).ok, wrong).toBe(false);
  }
});

test('short names of topics are those of the default namespace', () => {
  expect(topicName('t')).toBe('persistent://public/default/t');
  expect(topicName('a/b/c')).toBe('persistent://a/b/c');
  expect(topicName('non-persistent://a/b/c')).toBe('non-persistent://a/b/c');
  for (const wrong of ['', 'a/b', 'a//c', 'persistent://t', 'x y']) {
    expect(topicName(wrong), wrong).toBeUndefined();
  }
});

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** Answers commands as a broker does. @returns its `host:port` and what it was asked */
async function broker(
  answer: (command: Command) => Command | undefined,
): Promise<{ readonly place: string; readonly asked: Command[] }> {
  const asked: Command[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    const read = createFrameReader();
    socket.on('data', (chunk: Buffer) => {
      for (const { command } of read(chunk)) {
        if (command === undefined) continue;
        asked.push(command);
        const greeting: Command = { kind: 'connected', fields: { serverVersion: 'test' } };
        const answered = command.kind === 'connect' ? greeting : answer(command);
        if (answered !== undefined) socket.write(encodeFrame(answered));
      }
    });
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { place: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function lookupAnswer(command: Command, fields: object): Command | undefined {
  if (command.kind !== 'lookup') return undefined;
  return { kind: 'lookupAnswer', fields: { requestId: command.fields.requestId, ...fields } };
}

test('a broker that names another one is followed, which is asked as one that must know', async () => {
  const owner = await broker((command) =>
    lookupAnswer(command, { outcome: 1, url: `pulsar://${owner.place}` }),
  );
  const first = await broker((command) =>
    lookupAnswer(command, { outcome: 0, url: `pulsar://${owner.place}`, isAuthoritative: true }),
  );
  const client = createPulsarClient(`pulsar://127.0.0.1:1,${first.place}`, { token: 't0p' });
  await client.brokerOf('persistent://public/default/t');
  client.close();
  expect(owner.asked[0]).toMatchObject({
    fields: { authMethodName: 'token', authData: Buffer.from('t0p') },
  });
  expect(owner.asked[1]).toMatchObject({ kind: 'lookup', fields: { isAuthoritative: true } });
  expect(owner.asked.length).toBe(2);
});

test('brokers behind a proxy are reached through it, by their names', async () => {
  const proxy = await broker((command) =>
    lookupAnswer(command, { outcome: 1, url: 'pulsar://b7:6650', isThroughProxy: true }),
  );
  const client = createPulsarClient(`pulsar://${proxy.place}`, {});
  await client.brokerOf('persistent://public/default/t');
  client.close();
  const [, , behind] = proxy.asked;
  expect(behind).toMatchObject({ kind: 'connect', fields: { proxyToBrokerUrl: 'b7:6650' } });
});

test('a question that a broker refuses is told in its words', async () => {
  const place = await broker((command) =>
    lookupAnswer(command, { outcome: 2, error: 4, message: 'no way' }),
  );
  const client = createPulsarClient(`pulsar://${place.place}`, {});
  const topic = 'persistent://public/default/t';
  await expect(client.brokerOf(topic)).rejects.toThrow('not allowed with that token: no way');
  client.close();
});
