// Covers UTF-8, Base64, Base32 and the checksums against Node's own. Leaves out streams.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { unwrap } from '@argosy/base';
import {
  adler32,
  base32Decode,
  base32Encode,
  base64Decode,
  base64Encode,
  hexText,
  sha1,
  sha256,
  sha512,
  utf8Bytes,
  utf8Text,
} from './index.ts';

const TEXTS = ['', 'a', 'ab', 'abc', 'grüße', '€uro', '🙂 smile', 'x'.repeat(200), 'y'.repeat(119)];

describe('bytes', () => {
  it.each(TEXTS)('encodes %j as Node does', (text) => {
    const bytes = utf8Bytes(text);
    const twin = Buffer.from(text, 'utf8');
    expect(Buffer.from(bytes).equals(twin)).toBe(true);
    expect(utf8Text(bytes)).toBe(text);
    expect(base64Encode(bytes)).toBe(twin.toString('base64'));
    expect(utf8Text(unwrap(base64Decode(base64Encode(bytes))))).toBe(text);
    expect(utf8Text(unwrap(base32Decode(base32Encode(bytes))))).toBe(text);
    expect(hexText(sha1(bytes))).toBe(createHash('sha1').update(twin).digest('hex'));
    expect(hexText(sha256(bytes))).toBe(createHash('sha256').update(twin).digest('hex'));
    expect(hexText(sha512(bytes))).toBe(createHash('sha512').update(twin).digest('hex'));
  });

  it('turns each byte that is no UTF-8 into U+FFFD', () => {
    expect(utf8Text(Uint8Array.of(0x61, 0xff, 0xc0, 0x80, 0x62))).toBe('a���b');
  });

  it.each([
    ['aGVsbG8gd29ybGQ', 12],
    ['a', 0],
    ['aGk*', 3],
    ['aGk=x', 4],
  ])('names the wrong byte of the Base64 text %j', (text, offset) => {
    expect(base64Decode(text)).toEqual({
      ok: false,
      error: `illegal base64 data at input byte ${offset}`,
    });
  });

  it('computes Adler-32', () => {
    expect(adler32(utf8Bytes('Wikipedia'))).toBe(0x11e60398);
  });
});
