import { equalInConstantTime, hmacHex, isFresh } from '../http/signature.ts';

/** How far the time of a signature may be from now, in seconds; that of Stripe's own libraries. */
const TOLERANCE_SECONDS = 5 * 60;
/** Signatures of one header that are looked at. */
const SIGNATURES_MAX = 10;

/** Why a `Stripe-Signature` header does not vouch for the body, or undefined when it does. */
export function stripeForgery(
  header: string | undefined,
  body: Uint8Array,
  signed: { readonly secret: string; readonly nowMs: number },
): string | undefined {
  const pairs = (header ?? '').split(',').map((pair) => pair.trim().split('='));
  const timestamp = pairs.find(([name]) => name === 't')?.[1] ?? '';
  if (!/^\d{1,12}$/.test(timestamp)) return 'the signature is missing';
  if (!isFresh(Number(timestamp), signed.nowMs, TOLERANCE_SECONDS)) {
    return 'the signature is too old';
  }
  const expected = hmacHex('sha256', signed.secret, `${timestamp}.`, body);
  const isGenuine = pairs
    .filter(([name]) => name === 'v1')
    .slice(0, SIGNATURES_MAX)
    .some(([, value]) => equalInConstantTime(value ?? '', expected));
  return isGenuine ? undefined : 'the signature is wrong';
}
