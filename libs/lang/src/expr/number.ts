import { failLang } from '../error.ts';

const INT64_MAX = 2n ** 63n - 1n;

/**
 * The value of a number literal: `bigint` for integers (decimal, hex, octal, binary), `number` for
 * those with a point or an exponent.
 */
export function parseNumber(literal: string, offset: number): bigint | number {
  const text = literal.replaceAll('_', '').toLowerCase();
  if (!text.startsWith('0x') && /[.e]/.test(text)) {
    const value = Number(text);
    if (!Number.isFinite(value)) {
      return failLang('Syntax', `invalid float literal: ${JSON.stringify(literal)}`, offset);
    }
    return value;
  }
  if (!/^(?:0x[0-9a-f]+|0o[0-7]+|0b[01]+|[0-9]+)$/.test(text)) {
    return failLang('Syntax', `invalid integer literal: ${JSON.stringify(literal)}`, offset);
  }
  const value = BigInt(text);
  if (value > INT64_MAX) {
    return failLang('Syntax', `invalid integer literal: ${literal}: value out of range`, offset);
  }
  return value;
}
