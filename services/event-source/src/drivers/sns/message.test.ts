// Covers which messages count as signed by SNS, where certificates come from, and signed requests to AWS
// (against the vectors that AWS publishes). Leaves out the driver in the service (http/provider.test.ts).
import { createSign } from 'node:crypto';
import { testCertificate } from '@argosy/testkit';
import { expect, test } from 'vitest';
import { signedAwsHeaders } from './aws-request.ts';
import { createSnsCertificates } from './certificates.ts';
import { isSnsCertificateUrl, snsForgery, snsTextToSign } from './message.ts';

const NOTIFICATION = {
  Type: 'Notification',
  MessageId: 'm-1',
  TopicArn: 'arn:aws:sns:us-east-1:1:t',
  Message: 'hello',
  Timestamp: '2030-01-01T00:00:00.000Z',
};

test('a message signed with SHA-1 or SHA-256 by the certificate is genuine, a changed one is not (rule 38)', async () => {
  const { cert: certificate, key: privateKey } = await testCertificate(['sns.test']);
  const nowMs = Date.now();
  for (const [version, digest] of [
    ['1', 'RSA-SHA1'],
    ['2', 'RSA-SHA256'],
  ] as const) {
    const text = snsTextToSign(NOTIFICATION);
    const Signature = createSign(digest).update(text).sign(privateKey, 'base64');
    const message = { ...NOTIFICATION, SignatureVersion: version, Signature };
    expect(snsForgery(message, certificate, nowMs)).toBeUndefined();
    const changed = { ...message, Message: 'other' };
    expect(snsForgery(changed, certificate, nowMs)).toBe('the signature is wrong');
    const added = { ...message, Subject: 'added' };
    expect(snsForgery(added, certificate, nowMs)).toBe('the signature is wrong');
  }
  const message = { ...NOTIFICATION, SignatureVersion: '1', Signature: '' };
  expect(snsForgery(message, certificate, nowMs)).toBe('the signature is wrong');
  expect(snsForgery(message, certificate, 0)).toContain('expired');
  expect(snsForgery(message, 'no certificate', nowMs)).toContain('cannot be read');
  expect(snsForgery({ ...message, SignatureVersion: '3' }, certificate, nowMs)).toContain(
    'version',
  );
});

test.each([
  'http://sns.us-east-1.amazonaws.com/c.pem',
  'https://sns.us-east-1.amazonaws.com.evil.example/c.pem',
  'https://evil.example/sns.us-east-1.amazonaws.com/c.pem',
  'https://sns.us-east-1.amazonaws.com@evil.example/c.pem',
  'https://user@sns.us-east-1.amazonaws.com/c.pem',
  'https://sns.us-east-1.amazonaws.com:8443/c.pem',
  'https://s3.us-east-1.amazonaws.com/c.pem',
  'not a url',
  undefined,
])('a certificate is not fetched from %s', (url) => {
  expect(isSnsCertificateUrl(url)).toBe(false);
});

test('a certificate is fetched once, and again after a failure', async () => {
  let fetches = 0;
  const certificates = createSnsCertificates(async () => {
    fetches += 1;
    if (fetches === 1) throw new Error('away');
    return 'pem';
  });
  const url = 'https://sns.us-east-1.amazonaws.com/c.pem';
  await expect(certificates.get(url)).rejects.toThrow('away');
  await expect(certificates.get(url)).resolves.toBe('pem');
  await expect(certificates.get(url)).resolves.toBe('pem');
  expect(fetches).toBe(2);
});

test.each([
  {
    contentType: 'application/x-www-form-urlencoded',
    signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  },
  {
    contentType: 'application/x-www-form-urlencoded; charset=utf8',
    signature: '1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe',
  },
])('a form of the type $contentType is signed as AWS does', ({ contentType, signature }) => {
  const headers = signedAwsHeaders({
    url: new URL('https://example.amazonaws.com/'),
    form: 'Param1=value1',
    contentType,
    region: 'us-east-1',
    service: 'service',
    keys: { accessKey: 'AKIDEXAMPLE', secretKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
    nowMs: Date.UTC(2015, 7, 30, 12, 36),
  });
  expect(headers['authorization']).toContain(`Signature=${signature}`);
});
