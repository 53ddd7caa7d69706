import { verify, X509Certificate } from 'node:crypto';
import type { Fields } from '../http/settings.ts';

const KEYS_OF_NOTIFICATION = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'];
const KEYS_OF_CONFIRMATION = [
  'Message',
  'MessageId',
  'SubscribeURL',
  'Timestamp',
  'Token',
  'TopicArn',
  'Type',
];
/** Signature version → digest. */
const DIGESTS: Readonly<Record<string, string>> = { '1': 'RSA-SHA1', '2': 'RSA-SHA256' };
const HOST = /^sns\.[a-z0-9-]{3,}\.amazonaws\.com(\.cn)?$/;

/** What SNS signs: the message's fields in a fixed order, name and value on lines of their own. */
export function snsTextToSign(message: Fields): string {
  const keys = message['Type'] === 'Notification' ? KEYS_OF_NOTIFICATION : KEYS_OF_CONFIRMATION;
  const lines = keys.flatMap((key) => {
    const value = message[key];
    return typeof value === 'string' ? [`${key}\n${value}\n`] : [];
  });
  return lines.join('');
}

/** Whether a certificate may be fetched from there: only SNS itself serves the ones it signs with. */
export function isSnsCertificateUrl(text: unknown): text is string {
  if (typeof text !== 'string' || !URL.canParse(text)) return false;
  const url = new URL(text);
  const isPlain = url.username === '' && url.password === '' && url.port === '';
  return url.protocol === 'https:' && HOST.test(url.hostname) && isPlain;
}

/** Why the signature does not vouch for the message, or undefined when it does. */
export function snsForgery(
  message: Fields,
  certificatePem: string,
  nowMs: number,
): string | undefined {
  const digest = DIGESTS[String(message['SignatureVersion'])];
  if (digest === undefined) return 'the version of the signature is unknown';
  try {
    const certificate = new X509Certificate(certificatePem);
    const [fromMs, toMs] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
    if (!(fromMs <= nowMs && nowMs <= toMs)) return 'the certificate of the signature is expired';
    const signature = Buffer.from(String(message['Signature']), 'base64');
    const text = Buffer.from(snsTextToSign(message));
    const isGenuine = verify(digest, text, certificate.publicKey, signature);
    return isGenuine ? undefined : 'the signature is wrong';
  } catch {
    return 'the certificate of the signature cannot be read';
  }
}
