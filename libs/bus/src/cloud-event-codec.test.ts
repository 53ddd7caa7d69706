// Covers CloudEvents in binary mode: header names, percent-encoding, malformed input, round trips
// of any text. Leaves out NATS' own header block (the contract tests send it through a server).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeHeaderValue,
  decodeMessage,
  encodeHeaderValue,
  encodeMessage,
  messageIdOf,
} from './cloud-event-codec.ts';

const DATA = Uint8Array.of(1, 2, 3);
const EVENT = { id: '1', source: '/s', type: 't', data: DATA };

describe('header values', () => {
  it.each([
    ['plain-text/1', 'plain-text/1'],
    ['a b', 'a%20b'],
    ['"quoted"', '%22quoted%22'],
    ['100%', '100%25'],
    ['€', '%E2%82%AC'],
    ['\u{1F600}', '%F0%9F%98%80'],
    ['line\r\nbreak', 'line%0D%0Abreak'],
  ])('%j is sent as %j, as the binding lays down', (value, encoded) => {
    expect(encodeHeaderValue(value)).toBe(encoded);
    expect(decodeHeaderValue(encoded)).toBe(value);
  });

  it('leave a stray percent sign of another sender as it is', () => {
    expect(decodeHeaderValue('100%')).toBe('100%');
    expect(decodeHeaderValue('%zz%41')).toBe('%zzA');
  });

  it('survive the way for every well-formed text, in printable ASCII', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const encoded = encodeHeaderValue(text);
        expect(encoded).toMatch(/^[\x21-\x7e]*$/);
        expect(decodeHeaderValue(encoded)).toBe(text.toWellFormed());
      }),
    );
  });
});

describe('messages', () => {
  it('carry attributes as ce- headers and the content type under its own name', () => {
    const headers = encodeMessage({
      subject: 'events.a',
      event: { ...EVENT, datacontenttype: 'text/plain', extensions: { stream: 'stderr' } },
      traceparent: '00-1-2-01',
    });
    expect(Object.fromEntries(headers)).toEqual({
      'ce-specversion': '1.0',
      'ce-id': '1',
      'ce-source': '/s',
      'ce-type': 't',
      'ce-stream': 'stderr',
      'content-type': 'text/plain',
      traceparent: '00-1-2-01',
    });
  });

  it('come out as they went in, without fields that were not given', () => {
    const message = { subject: 'events.a', event: EVENT };
    expect(decodeMessage('events.a', encodeMessage(message), DATA)).toEqual(message);
  });

  it('of other senders are read whatever the case of their headers', () => {
    const headers = new Map([
      ['CE-Id', '7'],
      ['Ce-Source', '/x'],
      ['ce-type', 'y'],
      ['Content-Type', 'text/plain'],
      ['Nats-Msg-Id', 'ignored'],
    ]);
    expect(decodeMessage('s', headers, DATA)).toEqual({
      subject: 's',
      event: { id: '7', source: '/x', type: 'y', datacontenttype: 'text/plain', data: DATA },
    });
  });

  it('that are no CloudEvents come out with empty attributes, for the receiver to refuse', () => {
    const { event } = decodeMessage('s', new Map(), DATA);
    expect(event).toEqual({ id: '', source: '', type: '', data: DATA });
  });

  it('are known again by source and id together', () => {
    expect(messageIdOf(EVENT)).toBe('/s|1');
  });
});
