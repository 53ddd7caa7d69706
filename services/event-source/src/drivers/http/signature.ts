import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Compares digests, so that the time tells neither length nor content. */
export function equalInConstantTime(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}

/** HMAC in lower-case hexadecimal digits over the parts one after the other. */
export function hmacHex(
  algorithm: string,
  secret: string,
  ...parts: readonly (string | Uint8Array)[]
): string {
  const hmac = createHmac(algorithm, secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest('hex');
}

/**
 * Whether a signature such as `sha256=3f…` is that of the body under the secret.
 * @param algorithms those that are accepted, such as `sha256`.
 */
export function isSignedBody(
  signature: string | undefined,
  algorithms: readonly string[],
  signed: { readonly secret: string; readonly body: Uint8Array },
): boolean {
  if (signature === undefined || signed.secret === '') return false;
  const equals = signature.indexOf('=');
  const algorithm = signature.slice(0, Math.max(equals, 0));
  if (!algorithms.includes(algorithm)) return false;
  const expected = hmacHex(algorithm, signed.secret, signed.body);
  return equalInConstantTime(signature.slice(equals + 1).toLowerCase(), expected);
}

/** Whether a moment is near enough to now that its signature counts. */
export function isFresh(atSeconds: number, nowMs: number, toleranceSeconds: number): boolean {
  return Math.abs(nowMs / 1_000 - atSeconds) <= toleranceSeconds;
}
