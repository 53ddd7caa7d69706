import type { Descriptions } from './descriptions.ts';

const location = {
  archiveLogs: "True: the main container's log is kept as an artifact.",
  s3: 'An S3 bucket.',
  git: 'A git repository.',
  http: 'A web address.',
  artifactory: 'A JFrog Artifactory.',
  hdfs: 'A Hadoop file system.',
  raw: 'Text that stands here.',
  oss: 'An Alibaba Cloud bucket.',
  gcs: 'A Google Cloud bucket.',
  azure: 'An Azure container.',
  plugin: 'A store that an artifact plugin knows.',
};

const artifact = {
  '': 'A file or directory with a name.',
  ...location,
  name: 'The name, which variables use.',
  path: 'Where it lies in the container.',
  mode: 'File mode as a number; 0644 is 420 in decimal.',
  from: 'The artifact of a step or task to take, as a variable.',
  globalName: 'Also known as workflow.outputs.artifacts.<globalName>.',
  archive: 'How it is packed; tar and gzip by default.',
  optional: 'True: it may be missing.',
  subPath: 'The part of the source to take.',
  recurseMode: 'True: mode holds for everything in the directory.',
  fromExpression: 'An expression that gives the artifact to take.',
  artifactGC: 'When it is deleted.',
  deleted: 'True once it has been deleted.',
};

const artifactGC = {
  '': 'When artifacts are deleted.',
  strategy: 'At which moment.',
  podMetadata: 'Labels and annotations of the pod that deletes.',
  serviceAccountName: 'The service account of the pod that deletes.',
};

const userAndPassword = {
  usernameSecret: 'The secret with the user.',
  passwordSecret: 'The secret with the password.',
};

const s3Bucket = {
  endpoint: 'Host and port of the server.',
  bucket: 'The bucket.',
  region: 'Its region.',
  insecure: 'True: without TLS.',
  accessKeySecret: 'The secret with the access key.',
  secretKeySecret: 'The secret with the secret key.',
  sessionTokenSecret: 'The secret with the session token.',
  roleARN: 'The role to assume.',
  useSDKCreds: 'True: credentials are found as the SDK finds them.',
  createBucketIfNotPresent: 'Make the bucket if there is none.',
  encryptionOptions: 'How objects are encrypted.',
  caSecret: 'The secret with the certificate authority.',
  addressingStyle: 'How the bucket is named in addresses.',
  retry: 'How requests are tried again.',
};

const ossBucket = {
  endpoint: 'Host of the server.',
  bucket: 'The bucket.',
  accessKeySecret: 'The secret with the access key.',
  secretKeySecret: 'The secret with the secret key.',
  createBucketIfNotPresent: 'True: the bucket is made if there is none.',
  securityToken: 'A temporary token.',
  lifecycleRule: 'How long objects are kept.',
  useSDKCreds: 'True: credentials are found as the SDK finds them.',
};

const hdfsConfig = {
  addresses: 'Addresses of the name nodes.',
  hdfsUser: 'The user, where Kerberos is not used.',
  dataTransferProtection: 'Protection of the transfer.',
  krbCCacheSecret: 'The secret with the Kerberos cache.',
  krbKeytabSecret: 'The secret with the Kerberos key table.',
  krbUsername: 'The Kerberos user.',
  krbRealm: 'The Kerberos realm.',
  krbConfigConfigMap: 'The config map with the Kerberos configuration.',
  krbServicePrincipalName: 'The principal of the service.',
};

const azureContainer = {
  endpoint: 'Address of the account.',
  container: 'The container.',
  accountKeySecret: 'The secret with the key of the account.',
  useSDKCreds: 'True: credentials are found as the SDK finds them.',
};

const gcsBucket = {
  bucket: 'The bucket.',
  serviceAccountKeySecret: 'The secret with the key of the service account.',
};

const keyFormat = { keyFormat: 'How keys are made; may hold variables.' };

/** Artifacts and the stores they lie in. */
export const artifactDescriptions: Descriptions = {
  ArtifactLocation: { '': 'Where an artifact lies.', ...location },
  Artifact: artifact,
  ArtifactPaths: artifact,
  ArchiveStrategy: {
    '': 'How an artifact is packed.',
    tar: 'As tar with gzip.',
    none: 'Not at all.',
    zip: 'As zip.',
  },
  TarStrategy: { '': 'tar with gzip.', compressionLevel: 'From 0 (none) to 9 (most).' },
  ArtifactGC: artifactGC,
  WorkflowLevelArtifactGC: {
    ...artifactGC,
    forceFinalizerRemoval: 'True: the workflow may go although deletion failed.',
    podSpecPatch: 'A patch of the pod that deletes.',
  },
  ArtifactRepositoryRef: {
    '': 'Where the settings of the artifact repository are.',
    configMap: 'The config map; artifact-repositories by default.',
    key: 'The key in it.',
  },
  RawArtifact: { '': 'Text that stands here.', data: 'The text.' },
  S3Artifact: { '': 'An object of an S3 bucket.', ...s3Bucket, key: 'The key of the object.' },
  CreateBucket: { '': 'How a bucket is made.', objectLocking: 'True: with object locking.' },
  S3Encryption: {
    '': 'How objects are encrypted.',
    kmsKeyId: 'The key of the key service.',
    kmsEncryptionContext: 'The context of encryption, as JSON.',
    enableEncryption: 'True: objects are encrypted.',
    serverSideCustomerKeySecret: 'The secret with a key of your own.',
  },
  GitArtifact: {
    '': 'A git repository.',
    ...userAndPassword,
    repo: 'Its address.',
    revision: 'The commit, tag or branch.',
    depth: 'How many commits to fetch.',
    fetch: 'Further references to fetch.',
    sshPrivateKeySecret: 'The secret with the private key.',
    insecureIgnoreHostKey: 'True: the key of the host is not checked.',
    disableSubmodules: 'True: without submodules.',
    singleBranch: 'True: only the branch named by branch.',
    branch: 'The branch for singleBranch.',
    insecureSkipTLS: 'True: the certificate is not checked.',
  },
  HTTPArtifact: {
    '': 'A file on the web.',
    url: 'Its address.',
    headers: 'Headers to send.',
    auth: 'How to sign in.',
  },
  Header: { '': 'A header to send.', name: 'Its name.', value: 'Its value.' },
  HTTPAuth: {
    '': 'How to sign in.',
    clientCert: 'With a certificate.',
    oauth2: 'With OAuth 2.',
    basicAuth: 'With user and password.',
  },
  ClientCertAuth: {
    '': 'A certificate.',
    clientCertSecret: 'The secret with the certificate.',
    clientKeySecret: 'The secret with its key.',
  },
  OAuth2Auth: {
    '': 'OAuth 2 with client credentials.',
    clientIDSecret: 'The secret with the id of the client.',
    clientSecretSecret: 'The secret with the secret of the client.',
    tokenURLSecret: 'The secret with the address that gives tokens.',
    scopes: 'The scopes to ask for.',
    endpointParams: 'Further parameters of the request.',
  },
  BasicAuth: { '': 'User and password.', ...userAndPassword },
  ArtifactoryArtifact: {
    '': 'A file of an Artifactory.',
    ...userAndPassword,
    url: 'Its address.',
  },
  HDFSArtifact: {
    '': 'A file of a Hadoop file system.',
    ...hdfsConfig,
    path: 'Its path.',
    force: 'True: an existing file is overwritten.',
  },
  OSSArtifact: { '': 'An object of an Alibaba Cloud bucket.', ...ossBucket, key: 'Its key.' },
  OSSLifecycleRule: {
    '': 'How long objects are kept.',
    markInfrequentAccessAfterDays: 'Days until they go to slower storage.',
    markDeletionAfterDays: 'Days until they are deleted.',
  },
  GCSArtifact: { '': 'An object of a Google Cloud bucket.', ...gcsBucket, key: 'Its key.' },
  AzureArtifact: { '': 'A blob of an Azure container.', ...azureContainer, blob: 'Its name.' },
  PluginArtifact: {
    '': 'An artifact in a store that a plugin knows.',
    name: 'The plugin.',
    configuration: 'Settings that the plugin understands.',
    connectionTimeoutSeconds: 'Seconds to wait for the plugin.',
    key: 'The key of the artifact.',
  },
  ArtifactRepositoryRefStatus: {
    '': 'The artifact repository in use.',
    configMap: 'The config map.',
    key: 'The key in it.',
    namespace: 'The namespace of the config map.',
    default: "True: the installation's default is used.",
    artifactRepository: 'Its settings.',
  },
  ArtifactRepository: {
    '': 'Where artifacts are kept.',
    archiveLogs: 'True: logs are kept too.',
    s3: 'An S3 bucket.',
    artifactory: 'A JFrog Artifactory.',
    hdfs: 'A Hadoop file system.',
    oss: 'An Alibaba Cloud bucket.',
    gcs: 'A Google Cloud bucket.',
    azure: 'An Azure container.',
    plugin: 'A store that an artifact plugin knows.',
  },
  S3ArtifactRepository: {
    '': 'An S3 bucket.',
    ...s3Bucket,
    ...keyFormat,
    keyPrefix: 'What keys begin with; use keyFormat.',
  },
  ArtifactoryArtifactRepository: {
    '': 'A JFrog Artifactory.',
    ...userAndPassword,
    ...keyFormat,
    repoURL: 'Its address.',
  },
  HDFSArtifactRepository: {
    '': 'A Hadoop file system.',
    ...hdfsConfig,
    pathFormat: 'How paths are made; may hold variables.',
    force: 'True: existing files are overwritten.',
  },
  OSSArtifactRepository: { '': 'An Alibaba Cloud bucket.', ...ossBucket, ...keyFormat },
  GCSArtifactRepository: { '': 'A Google Cloud bucket.', ...gcsBucket, ...keyFormat },
  AzureArtifactRepository: {
    '': 'An Azure container.',
    ...azureContainer,
    blobNameFormat: 'How names are made; may hold variables.',
  },
  PluginArtifactRepository: {
    '': 'A store that an artifact plugin knows.',
    name: 'The plugin.',
    configuration: 'Settings that the plugin understands.',
    ...keyFormat,
  },
};
