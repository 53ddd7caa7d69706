import type { FieldTable } from './field-type.ts';

const location: FieldTable = {
  archiveLogs: 'boolean',
  s3: 'S3Artifact',
  git: 'GitArtifact',
  http: 'HTTPArtifact',
  artifactory: 'ArtifactoryArtifact',
  hdfs: 'HDFSArtifact',
  raw: 'RawArtifact',
  oss: 'OSSArtifact',
  gcs: 'GCSArtifact',
  azure: 'AzureArtifact',
  plugin: 'PluginArtifact',
};

const artifactGC: FieldTable = {
  strategy: 'text',
  podMetadata: 'Metadata',
  serviceAccountName: 'text',
};

const artifact: FieldTable = {
  ...location,
  name: 'text!',
  path: 'text',
  mode: 'integer',
  from: 'text',
  globalName: 'text',
  archive: 'ArchiveStrategy',
  optional: 'boolean',
  subPath: 'text',
  recurseMode: 'boolean',
  fromExpression: 'text',
  artifactGC: 'ArtifactGC',
  deleted: 'boolean',
};

const s3Bucket: FieldTable = {
  endpoint: 'text',
  bucket: 'text',
  region: 'text',
  insecure: 'boolean',
  accessKeySecret: 'SecretKeySelector',
  secretKeySecret: 'SecretKeySelector',
  sessionTokenSecret: 'SecretKeySelector',
  roleARN: 'text',
  useSDKCreds: 'boolean',
  createBucketIfNotPresent: 'CreateBucket',
  encryptionOptions: 'S3Encryption',
  caSecret: 'SecretKeySelector',
  addressingStyle: 'text',
  retry: 'object',
};

const ossBucket: FieldTable = {
  endpoint: 'text',
  bucket: 'text',
  accessKeySecret: 'SecretKeySelector',
  secretKeySecret: 'SecretKeySelector',
  createBucketIfNotPresent: 'boolean',
  securityToken: 'text',
  lifecycleRule: 'OSSLifecycleRule',
  useSDKCreds: 'boolean',
};

const hdfsConfig: FieldTable = {
  addresses: '[text]',
  hdfsUser: 'text',
  dataTransferProtection: 'text',
  krbCCacheSecret: 'SecretKeySelector',
  krbKeytabSecret: 'SecretKeySelector',
  krbUsername: 'text',
  krbRealm: 'text',
  krbConfigConfigMap: 'ConfigMapKeySelector',
  krbServicePrincipalName: 'text',
};

const azureContainer: FieldTable = {
  endpoint: 'text',
  container: 'text',
  accountKeySecret: 'SecretKeySelector',
  useSDKCreds: 'boolean',
};

const gcsBucket: FieldTable = {
  bucket: 'text',
  serviceAccountKeySecret: 'SecretKeySelector',
};

const artifactoryAuth: FieldTable = {
  usernameSecret: 'SecretKeySelector',
  passwordSecret: 'SecretKeySelector',
};

/** Artifacts and the stores they lie in. */
export const artifactTables: Readonly<Record<string, FieldTable>> = {
  ArtifactLocation: location,
  Artifact: artifact,
  ArtifactPaths: artifact,
  ArchiveStrategy: { tar: 'TarStrategy', none: 'Empty', zip: 'Empty' },
  TarStrategy: { compressionLevel: 'integer' },
  ArtifactGC: artifactGC,
  WorkflowLevelArtifactGC: {
    ...artifactGC,
    forceFinalizerRemoval: 'boolean',
    podSpecPatch: 'text',
  },
  ArtifactRepositoryRef: { configMap: 'text', key: 'text' },
  RawArtifact: { data: 'text!' },
  S3Artifact: { ...s3Bucket, key: 'text' },
  CreateBucket: { objectLocking: 'boolean' },
  S3Encryption: {
    kmsKeyId: 'text',
    kmsEncryptionContext: 'text',
    enableEncryption: 'boolean',
    serverSideCustomerKeySecret: 'SecretKeySelector',
  },
  GitArtifact: {
    repo: 'text!',
    revision: 'text',
    depth: 'integer',
    fetch: '[text]',
    usernameSecret: 'SecretKeySelector',
    passwordSecret: 'SecretKeySelector',
    sshPrivateKeySecret: 'SecretKeySelector',
    insecureIgnoreHostKey: 'boolean',
    disableSubmodules: 'boolean',
    singleBranch: 'boolean',
    branch: 'text',
    insecureSkipTLS: 'boolean',
  },
  HTTPArtifact: { url: 'text!', headers: '[Header]', auth: 'HTTPAuth' },
  Header: { name: 'text!', value: 'text!' },
  HTTPAuth: { clientCert: 'ClientCertAuth', oauth2: 'OAuth2Auth', basicAuth: 'BasicAuth' },
  ClientCertAuth: {
    clientCertSecret: 'SecretKeySelector',
    clientKeySecret: 'SecretKeySelector',
  },
  OAuth2Auth: {
    clientIDSecret: 'SecretKeySelector',
    clientSecretSecret: 'SecretKeySelector',
    tokenURLSecret: 'SecretKeySelector',
    scopes: '[text]',
    endpointParams: '[KeyAndValue]',
  },
  KeyAndValue: { key: 'text!', value: 'text' },
  BasicAuth: { usernameSecret: 'SecretKeySelector', passwordSecret: 'SecretKeySelector' },
  ArtifactoryArtifact: { ...artifactoryAuth, url: 'text!' },
  HDFSArtifact: { ...hdfsConfig, path: 'text!', force: 'boolean' },
  OSSArtifact: { ...ossBucket, key: 'text!' },
  OSSLifecycleRule: {
    markInfrequentAccessAfterDays: 'integer',
    markDeletionAfterDays: 'integer',
  },
  GCSArtifact: { ...gcsBucket, key: 'text!' },
  AzureArtifact: { ...azureContainer, blob: 'text!' },
  PluginArtifact: {
    name: 'text',
    configuration: 'text',
    connectionTimeoutSeconds: 'integer',
    key: 'text!',
  },
  ArtifactRepositoryRefStatus: {
    configMap: 'text',
    key: 'text',
    namespace: 'text',
    default: 'boolean',
    artifactRepository: 'ArtifactRepository',
  },
  ArtifactRepository: {
    archiveLogs: 'boolean',
    s3: 'S3ArtifactRepository',
    artifactory: 'ArtifactoryArtifactRepository',
    hdfs: 'HDFSArtifactRepository',
    oss: 'OSSArtifactRepository',
    gcs: 'GCSArtifactRepository',
    azure: 'AzureArtifactRepository',
    plugin: 'PluginArtifactRepository',
  },
  S3ArtifactRepository: { ...s3Bucket, keyFormat: 'text', keyPrefix: 'text' },
  ArtifactoryArtifactRepository: { ...artifactoryAuth, repoURL: 'text', keyFormat: 'text' },
  HDFSArtifactRepository: { ...hdfsConfig, pathFormat: 'text', force: 'boolean' },
  OSSArtifactRepository: { ...ossBucket, keyFormat: 'text' },
  GCSArtifactRepository: { ...gcsBucket, keyFormat: 'text' },
  AzureArtifactRepository: { ...azureContainer, blobNameFormat: 'text' },
  PluginArtifactRepository: { name: 'text', configuration: 'text', keyFormat: 'text' },
};
