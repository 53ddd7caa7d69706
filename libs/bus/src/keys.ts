import { ArgosyError } from '@argosy/base';

const KEY = /^[-/_=.a-zA-Z0-9]+$/;
const PATTERN = /^[-/_=.a-zA-Z0-9*>]+$/;

/** A key as key-value buckets of NATS allow it. @throws ArgosyError INVALID_ARGUMENT */
export function checkKey(key: string): string {
  if (KEY.test(key) && hasNoEmptyToken(key)) return key;
  throw new ArgosyError(
    'INVALID_ARGUMENT',
    `"${key}" is no key: letters, digits and - / _ = are allowed, in tokens separated by dots`,
  );
}

/**
 * A pattern of keys, with `*` for a token and a final `>` for the rest. @throws ArgosyError
 * INVALID_ARGUMENT
 */
export function checkKeyPattern(pattern: string): string {
  if (PATTERN.test(pattern) && hasNoEmptyToken(pattern)) return pattern;
  throw new ArgosyError('INVALID_ARGUMENT', `"${pattern}" is no pattern of keys`);
}

function hasNoEmptyToken(key: string): boolean {
  return !key.split('.').includes('');
}
