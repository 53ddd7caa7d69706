// Covers reading the reply subject of a delivery in its two forms. Leaves out headers (the
// contract tests).
import { describe, expect, it } from 'vitest';
import type { Msg } from '@nats-io/nats-core';
import { rawFromDelivery } from './raw-message.ts';

const message = (reply: string): Msg =>
  ({ subject: 's', data: new Uint8Array(), reply }) as unknown as Msg;

describe('rawFromDelivery', () => {
  const expected = {
    deliveryCount: 2,
    sequence: 345,
    deliverySequence: 7,
    storedAtMs: 1_764_000_000_123,
    pending: 9,
  };
  it.each([
    '$JS.ACK.EVENTS.durable.2.345.7.1764000000123456789.9',
    '$JS.ACK._.account.EVENTS.durable.2.345.7.1764000000123456789.9',
    '$JS.ACK.hub.account.EVENTS.durable.2.345.7.1764000000123456789.9.random',
  ])('reads %s', (reply) => {
    expect(rawFromDelivery(message(reply))).toMatchObject({ ...expected, ackSubject: reply });
  });
  it.each(['', '_INBOX.a', '$JS.ACK.EVENTS.durable'])('refuses %j', (reply) => {
    expect(() => rawFromDelivery(message(reply))).toThrow('is no reply subject');
  });
});
