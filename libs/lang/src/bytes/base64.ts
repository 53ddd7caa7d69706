import { err, ok, type Result } from '@argosy/base';

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Base64 of bytes, standard alphabet, padded (RFC 4648 section 4). */
export function base64Encode(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let index = 0; index < bytes.length; index += 3) {
    const group =
      ((bytes[index] ?? 0) << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    const left = bytes.length - index;
    parts.push(
      STANDARD.charAt(group >> 18),
      STANDARD.charAt((group >> 12) & 63),
      left > 1 ? STANDARD.charAt((group >> 6) & 63) : '=',
      left > 2 ? STANDARD.charAt(group & 63) : '=',
    );
  }
  return parts.join('');
}

/**
 * Bytes of padded standard Base64. Line breaks are ignored, as Go does.
 * @returns Go's error text with the offset of the first wrong byte.
 */
export function base64Decode(text: string): Result<Uint8Array, string> {
  const bytes: number[] = [];
  let bits = 0;
  let count = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '\n' || character === '\r') continue;
    if (character === '=') {
      const end = paddingEnd(text, index, count);
      if (!end.ok) return end;
      if (count === 2) bytes.push(bits >> 4);
      else bytes.push(bits >> 10, (bits >> 2) & 255);
      return ok(Uint8Array.from(bytes));
    }
    const value = STANDARD.indexOf(character);
    if (value < 0) return corrupt(index);
    bits = (bits << 6) | value;
    count += 1;
    if (count === 4) {
      bytes.push((bits >> 16) & 255, (bits >> 8) & 255, bits & 255);
      bits = 0;
      count = 0;
    }
  }
  return count === 0 ? ok(Uint8Array.from(bytes)) : corrupt(text.length - count);
}

function paddingEnd(text: string, start: number, count: number): Result<null, string> {
  if (count < 2) return corrupt(start);
  let index = start + 1;
  const skip = (): void => {
    while (text.charAt(index) === '\n' || text.charAt(index) === '\r') index += 1;
  };
  skip();
  if (count === 2) {
    if (index === text.length) return corrupt(text.length);
    if (text.charAt(index) !== '=') return corrupt(index);
    index += 1;
    skip();
  }
  return index < text.length ? corrupt(index) : ok(null);
}

function corrupt(index: number): { readonly ok: false; readonly error: string } {
  return err(`illegal base64 data at input byte ${index}`);
}

/** Base32 of bytes, standard alphabet, padded (RFC 4648 section 6). */
export function base32Encode(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let size = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xfff;
    size += 8;
    while (size >= 5) {
      size -= 5;
      text += BASE32.charAt((bits >> size) & 31);
    }
  }
  if (size > 0) text += BASE32.charAt((bits << (5 - size)) & 31);
  while (text.length % 8 !== 0) text += '=';
  return text;
}

/** Bytes of padded standard Base32, or Go's error text. */
export function base32Decode(text: string): Result<Uint8Array, string> {
  const body = text.replace(/[\r\n]/g, '');
  const digits = body.replace(/=+$/, '');
  const wrong = [...digits].findIndex((character) => !BASE32.includes(character));
  if (wrong >= 0) return err(`illegal base32 data at input byte ${wrong}`);
  if (body.length % 8 !== 0 || [1, 3, 6].includes(digits.length % 8)) {
    return err(`illegal base32 data at input byte ${digits.length}`);
  }
  const bytes: number[] = [];
  let bits = 0;
  let size = 0;
  for (const character of digits) {
    bits = ((bits << 5) | BASE32.indexOf(character)) & 0xfff;
    size += 5;
    if (size >= 8) {
      size -= 8;
      bytes.push((bits >> size) & 255);
    }
  }
  return ok(Uint8Array.from(bytes));
}

/** Lower-case hexadecimal of bytes. */
export function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
