/** Keys of an AWS account; a session token goes with keys that were lent for a time. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Who calls AWS. */
export interface AwsIdentity {
  readonly region: string;
  /** Without keys, those of the surroundings: environment, shared files, web identity, the machine's role. */
  readonly keys?: AwsKeys;
  /** The role to take on with those keys, `arn:aws:iam::…:role/…`. */
  readonly roleArn?: string;
}

/** What clients of AWS take as `credentials`; they ask again when `expiration` comes near. */
export type AwsCredentials = () => Promise<AwsKeys & { readonly expiration?: Date }>;

const SESSION_NAME = 'argosy';

/**
 * Credentials for AWS from keys, from a role taken on at STS, or from what surrounds the process. Nothing is
 * called before the credentials are. The address of STS can be set by `AWS_ENDPOINT_URL_STS`.
 */
export async function awsCredentials(identity: AwsIdentity): Promise<AwsCredentials> {
  const { region, keys, roleArn } = identity;
  if (roleArn === undefined && keys !== undefined) return () => Promise.resolve({ ...keys });
  // Loaded by those who need it alone; a process without AWS never reads it.
  const { fromNodeProviderChain, fromTemporaryCredentials } =
    await import('@aws-sdk/credential-providers');
  if (roleArn === undefined) return fromNodeProviderChain({ clientConfig: { region } });
  return fromTemporaryCredentials({
    params: { RoleArn: roleArn, RoleSessionName: SESSION_NAME },
    clientConfig: { region },
    ...(keys === undefined ? {} : { masterCredentials: { ...keys } }),
  });
}
