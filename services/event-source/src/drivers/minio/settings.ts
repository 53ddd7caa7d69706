import type { SecretSelector } from '../driver.ts';
import {
  flagField,
  isFields,
  metadataField,
  selectorField,
  textField,
  textsField,
  type Fields,
} from '../http/settings.ts';

export interface MinioSettings {
  /** Host and port, without a scheme. */
  readonly endpoint: string;
  readonly isTls: boolean;
  readonly caCertificate: SecretSelector | undefined;
  readonly region: string;
  readonly bucket: string;
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
  readonly access: SecretSelector | undefined;
  readonly secret: SecretSelector | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

const EVENTS_DEFAULT = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'];
const REGION_DEFAULT = 'us-east-1';

/** Reads `spec.minio.<event>`. */
export function parseMinioSettings(fields: Fields, problems: string[]): MinioSettings {
  const endpoint = textField(fields, 'endpoint', problems);
  if (endpoint === '' || endpoint.includes('/')) {
    problems.push('endpoint must be a host with its port and no scheme, such as minio:9000');
  }
  const bucketFields = isFields(fields['bucket']) ? fields['bucket'] : {};
  const bucket = textField(bucketFields, 'name', problems);
  if (bucket === '') problems.push("bucket.name is missing; set the bucket's name");
  const filter = isFields(fields['filter']) ? fields['filter'] : {};
  const events = textsField(fields, 'events', problems);
  const wrong = events.find((event) => !/^s3:[A-Za-z]+:(\*|[A-Za-z]+)$/.test(event));
  if (wrong !== undefined) {
    problems.push(`events must be names such as s3:ObjectCreated:Put, not "${wrong}"`);
  }
  const access = selectorField(fields, 'accessKey', problems);
  const secret = selectorField(fields, 'secretKey', problems);
  if (access === undefined || secret === undefined) {
    problems.push('accessKey and secretKey must each name a Secret and one of its keys');
  }
  return {
    endpoint,
    isTls: !flagField(fields, 'insecure', problems),
    caCertificate: selectorField(fields, 'caCertificate', problems),
    region: textField(fields, 'region', problems, REGION_DEFAULT),
    bucket,
    events: events.length === 0 ? EVENTS_DEFAULT : events,
    prefix: textField(filter, 'prefix', problems),
    suffix: textField(filter, 'suffix', problems),
    access,
    secret,
    metadata: metadataField(fields, problems),
  };
}
