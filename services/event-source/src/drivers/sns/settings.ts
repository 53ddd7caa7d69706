import type { SecretSelector } from '../driver.ts';
import {
  baseUrlField,
  flagField,
  metadataField,
  publicUrl,
  selectorField,
  textField,
  type Fields,
  type HttpSettings,
} from '../http/settings.ts';

export interface SnsSettings {
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly topicArn: string;
  readonly region: string;
  /** Where SNS itself is called. */
  readonly endpoint: string;
  readonly hookUrl: string | undefined;
  readonly keys: { readonly access: SecretSelector; readonly secret: SecretSelector } | undefined;
  readonly checksSignature: boolean;
}

/** Reads `spec.sns.<event>`. */
export function parseSnsSettings(
  fields: Fields,
  http: HttpSettings,
  problems: string[],
): SnsSettings {
  const topicArn = textField(fields, 'topicArn', problems);
  if (topicArn === '') problems.push('topicArn is missing');
  const region = textField(fields, 'region', problems);
  // The region is part of a host name.
  if (!/^[a-z0-9-]+$/.test(region)) problems.push('region must be one such as us-east-1');
  if (textField(fields, 'roleARN', problems) !== '') {
    problems.push('roleARN is not supported here; set accessKey and secretKey');
  }
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const access = selectorField(fields, 'accessKey', problems);
  const secret = selectorField(fields, 'secretKey', problems);
  if ((access === undefined) !== (secret === undefined)) {
    problems.push('accessKey and secretKey go together');
  }
  return {
    metadata: metadataField(fields, problems),
    topicArn,
    region,
    endpoint: baseUrlField(fields, 'endpoint', problems, `https://sns.${region}.${domain}`),
    hookUrl: publicUrl(http),
    keys: access !== undefined && secret !== undefined ? { access, secret } : undefined,
    checksSignature: flagField(fields, 'validateSignature', problems),
  };
}
