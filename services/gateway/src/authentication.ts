import { createHash, timingSafeEqual } from 'node:crypto';
import { ArgosyError } from '@argosy/base';

/** Names the caller by its `authorization` header. @throws ArgosyError UNAUTHENTICATED */
export type Authenticate = (authorization: string | undefined) => string;

const BEARER = /^Bearer +(\S+) *$/i;
/** Characters of the digest that stand for a token in logs and in the audit trail. */
const USER_DIGEST_LENGTH = 8;

/**
 * Checks bearer tokens in constant time: digests of equal length are compared, and all of them.
 * @throws ArgosyError INVALID_ARGUMENT when no token is given, since then nobody could be let in.
 */
export function createAuthentication(tokens: readonly string[]): Authenticate {
  if (tokens.length === 0 || tokens.includes('')) {
    throw new ArgosyError('INVALID_ARGUMENT', 'The gateway needs at least one token, none empty.');
  }
  const digests = tokens.map(digestOf);
  return (authorization) => {
    const token = BEARER.exec(authorization ?? '')?.[1];
    if (token === undefined) {
      const message = 'No token was given: send the header "authorization: Bearer <token>".';
      throw new ArgosyError('UNAUTHENTICATED', message);
    }
    const digest = digestOf(token);
    let isKnown = false;
    for (const known of digests) isKnown = timingSafeEqual(known, digest) || isKnown;
    if (isKnown) return `token-${digest.toString('hex').slice(0, USER_DIGEST_LENGTH)}`;
    throw new ArgosyError('UNAUTHENTICATED', 'The token is not valid here.');
  };
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
