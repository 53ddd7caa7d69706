import { createHash, createHmac } from 'node:crypto';

/** The keys of an AWS account. */
export interface AwsKeys {
  readonly accessKey: string;
  readonly secretKey: string;
}

/**
 * The headers that sign a form posted to an AWS service (AWS Signature Version 4).
 * @param url where the form goes; its path and host are signed.
 */
export function signedAwsHeaders(options: {
  readonly url: URL;
  readonly form: string;
  readonly contentType: string;
  readonly region: string;
  readonly service: string;
  readonly keys: AwsKeys;
  readonly nowMs: number;
}): Readonly<Record<string, string>> {
  const { url, form, contentType: type, region, service, keys, nowMs } = options;
  const time = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const date = time.slice(0, 8);
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  const canonical = [
    'POST',
    url.pathname,
    '',
    `content-type:${type}\nhost:${url.host}\nx-amz-date:${time}\n`,
    'content-type;host;x-amz-date',
    hash(form),
  ].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', time, scope, hash(canonical)].join('\n');
  const step = (key: string | Buffer, part: string): Buffer =>
    createHmac('sha256', key).update(part).digest();
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(
    step,
    `AWS4${keys.secretKey}`,
  );
  const signature = step(key, text).toString('hex');
  const credential = `${keys.accessKey}/${scope}`;
  const signed = 'SignedHeaders=content-type;host;x-amz-date';
  return {
    'content-type': type,
    'x-amz-date': time,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, ${signed}, Signature=${signature}`,
  };
}
