import type { AwsIdentity, AwsKeys } from '@argosy/shell';
import type { DriverContext, SecretSelector } from './driver.ts';
import { secretOf } from './http/secret-value.ts';
import { baseUrlField, selectorField, textField, type Fields } from './http/settings.ts';

/** Where and as whom a service of AWS is called. */
export interface AwsAccount {
  readonly region: string;
  /** Another address than that of AWS; empty for AWS. */
  readonly endpoint: string;
  readonly roleArn: string | undefined;
  readonly keys:
    | {
        readonly access: SecretSelector;
        readonly secret: SecretSelector;
        readonly sessionToken: SecretSelector | undefined;
      }
    | undefined;
}

/** Reads `region`, `endpoint`, `roleARN`, `accessKey`, `secretKey` and `sessionToken`. */
export function parseAwsAccount(fields: Fields, problems: string[]): AwsAccount {
  const region = textField(fields, 'region', problems);
  // The region is part of a host name.
  if (!/^[a-z0-9-]+$/.test(region)) problems.push('region must be one such as us-east-1');
  const roleArn = textField(fields, 'roleARN', problems);
  if (roleArn !== '' && !/^arn:[a-z-]+:iam::\d+:role\/\S+$/.test(roleArn)) {
    problems.push('roleARN must name a role, such as arn:aws:iam::123456789012:role/reader');
  }
  const access = selectorField(fields, 'accessKey', problems);
  const secret = selectorField(fields, 'secretKey', problems);
  const sessionToken = selectorField(fields, 'sessionToken', problems);
  if ((access === undefined) !== (secret === undefined)) {
    problems.push('accessKey and secretKey go together');
  }
  if (sessionToken !== undefined && access === undefined) {
    problems.push('sessionToken goes with accessKey and secretKey');
  }
  return {
    region,
    endpoint: baseUrlField(fields, 'endpoint', problems, ''),
    roleArn: roleArn === '' ? undefined : roleArn,
    keys:
      access === undefined || secret === undefined ? undefined : { access, secret, sessionToken },
  };
}

/**
 * Who calls, with the keys as the Secrets have them now.
 * @throws ArgosyError FAILED_PRECONDITION when a Secret is missing.
 */
export function awsIdentity(account: AwsAccount, context: DriverContext): AwsIdentity {
  const { keys, region, roleArn } = account;
  return {
    region,
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(keys === undefined ? {} : { keys: keysOf(keys, context) }),
  };
}

function keysOf(keys: NonNullable<AwsAccount['keys']>, context: DriverContext): AwsKeys {
  return {
    accessKeyId: secretOf(keys.access, context),
    secretAccessKey: secretOf(keys.secret, context),
    ...(keys.sessionToken === undefined
      ? {}
      : { sessionToken: secretOf(keys.sessionToken, context) }),
  };
}
