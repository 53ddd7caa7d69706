import type { Metadata, SecretKeySelector } from './kubernetes.ts';

/** One artifact: where it lies (a location), where it is put (`path`), or what it comes from. */
export interface Artifact extends ArtifactLocation {
  readonly name: string;
  readonly path?: string;
  /** File mode as a decimal number (Argo writes 0644 as 420). */
  readonly mode?: number;
  readonly recurseMode?: boolean;
  readonly from?: string;
  readonly fromExpression?: string;
  readonly subPath?: string;
  readonly globalName?: string;
  readonly archive?: ArchiveStrategy;
  readonly optional?: boolean;
  readonly artifactGC?: ArtifactGC;
  readonly deleted?: boolean;
}

/** A place an artifact can be stored at; at most one kind is set. */
export interface ArtifactLocation {
  readonly archiveLogs?: boolean;
  readonly s3?: S3Artifact;
  readonly git?: GitArtifact;
  readonly http?: HTTPArtifact;
  readonly artifactory?: ArtifactoryArtifact;
  readonly hdfs?: HDFSArtifact;
  readonly raw?: RawArtifact;
  readonly oss?: OSSArtifact;
  readonly gcs?: GCSArtifact;
  readonly azure?: AzureArtifact;
  readonly plugin?: PluginArtifact;
}

export type ArtifactLocationKind = Exclude<keyof ArtifactLocation, 'archiveLogs'>;

export interface ArchiveStrategy {
  readonly tar?: { readonly compressionLevel?: number };
  readonly none?: Readonly<Record<string, never>>;
  readonly zip?: Readonly<Record<string, never>>;
}

export interface ArtifactGC {
  readonly strategy?: ArtifactGCStrategy;
  readonly podMetadata?: Metadata;
  readonly serviceAccountName?: string;
}

export type ArtifactGCStrategy = '' | 'OnWorkflowCompletion' | 'OnWorkflowDeletion' | 'Never';

/** The workflow's default for garbage collection of artifacts. */
export interface WorkflowLevelArtifactGC extends ArtifactGC {
  readonly forceFinalizerRemoval?: boolean;
  readonly podSpecPatch?: string;
}

export interface RawArtifact {
  readonly data: string;
}

export interface S3Artifact {
  readonly key?: string;
  readonly endpoint?: string;
  readonly bucket?: string;
  readonly region?: string;
  readonly insecure?: boolean;
  readonly accessKeySecret?: SecretKeySelector;
  readonly secretKeySecret?: SecretKeySelector;
  readonly sessionTokenSecret?: SecretKeySelector;
  readonly roleARN?: string;
  readonly useSDKCreds?: boolean;
  readonly createBucketIfNotPresent?: { readonly objectLocking?: boolean };
  readonly encryptionOptions?: {
    readonly kmsKeyId?: string;
    readonly kmsEncryptionContext?: string;
    readonly enableEncryption?: boolean;
    readonly serverSideCustomerKeySecret?: SecretKeySelector;
  };
  readonly caSecret?: SecretKeySelector;
  readonly addressingStyle?: string;
  readonly retry?: { readonly maxAttempts?: number };
}

export interface GitArtifact {
  readonly repo: string;
  readonly revision?: string;
  readonly depth?: number;
  readonly fetch?: readonly string[];
  readonly usernameSecret?: SecretKeySelector;
  readonly passwordSecret?: SecretKeySelector;
  readonly sshPrivateKeySecret?: SecretKeySelector;
  readonly insecureIgnoreHostKey?: boolean;
  readonly disableSubmodules?: boolean;
  readonly singleBranch?: boolean;
  readonly branch?: string;
  readonly insecureSkipTLS?: boolean;
}

export interface HTTPArtifact {
  readonly url: string;
  readonly headers?: readonly { readonly name: string; readonly value: string }[];
  readonly auth?: {
    readonly clientCert?: {
      readonly clientCertSecret?: SecretKeySelector;
      readonly clientKeySecret?: SecretKeySelector;
    };
    readonly oauth2?: {
      readonly clientIDSecret?: SecretKeySelector;
      readonly clientSecretSecret?: SecretKeySelector;
      readonly tokenURLSecret?: SecretKeySelector;
      readonly scopes?: readonly string[];
      readonly endpointParams?: readonly { readonly key: string; readonly value?: string }[];
    };
    readonly basicAuth?: {
      readonly usernameSecret?: SecretKeySelector;
      readonly passwordSecret?: SecretKeySelector;
    };
  };
}

export interface ArtifactoryArtifact {
  readonly url: string;
  readonly usernameSecret?: SecretKeySelector;
  readonly passwordSecret?: SecretKeySelector;
}

export interface HDFSArtifact {
  readonly path: string;
  readonly addresses?: readonly string[];
  readonly hdfsUser?: string;
  readonly force?: boolean;
  readonly dataTransferProtection?: string;
  readonly krbCCacheSecret?: SecretKeySelector;
  readonly krbKeytabSecret?: SecretKeySelector;
  readonly krbUsername?: string;
  readonly krbRealm?: string;
  readonly krbConfigConfigMap?: SecretKeySelector;
  readonly krbServicePrincipalName?: string;
}

export interface OSSArtifact {
  readonly key: string;
  readonly endpoint?: string;
  readonly bucket?: string;
  readonly accessKeySecret?: SecretKeySelector;
  readonly secretKeySecret?: SecretKeySelector;
  readonly createBucketIfNotPresent?: boolean;
  readonly securityToken?: string;
  readonly lifecycleRule?: {
    readonly markInfrequentAccessAfterDays?: number;
    readonly markDeletionAfterDays?: number;
  };
  readonly useSDKCreds?: boolean;
}

export interface GCSArtifact {
  readonly key: string;
  readonly bucket?: string;
  readonly serviceAccountKeySecret?: SecretKeySelector;
}

export interface AzureArtifact {
  readonly blob: string;
  readonly container?: string;
  readonly endpoint?: string;
  readonly accountKeySecret?: SecretKeySelector;
  readonly useSDKCreds?: boolean;
}

export interface PluginArtifact {
  readonly name?: string;
  readonly key: string;
  readonly configuration?: string;
  readonly connectionTimeoutSeconds?: number;
}

export interface ArtifactRepositoryRef {
  readonly configMap?: string;
  readonly key?: string;
}
