export { announceBuild } from './build-info.ts';
export {
  awsCredentials,
  type AwsCredentials,
  type AwsIdentity,
  type AwsKeys,
} from './aws-credentials.ts';
export type { RunningService, ServiceContext, StartService } from './service.ts';
export {
  followResources,
  type DeclaredResource,
  type DeclaredResources,
  type FollowResourcesOptions,
} from './declared-resources.ts';
export { fetchReferencedTemplates } from './declared-templates.ts';
export {
  createKeyedReconciler,
  type KeyedReconciler,
  type KeyedReconcilerOptions,
} from './keyed-reconciler.ts';
export {
  createKeptObjects,
  gatewayEndpointOf,
  type GatewayEndpoint,
  type KeptObject,
  type KeptObjects,
  type ObjectReference,
} from './kept-objects.ts';
export { followBucket, type BucketFollower } from './follow-bucket.ts';
export { announcePresence, PRESENCE_TTL_MS, type PresenceOptions } from './presence.ts';
export { agreeOnPartitions } from './partitions.ts';
export { pause } from './pause.ts';
export { writeConditions, type ResourceCondition } from './resource-status.ts';
export {
  carriesCloudEvents,
  eventsOfRequest,
  type CloudEventHeaders,
} from './cloud-events-http.ts';
export { environmentOf, type Environment } from './environment.ts';
export { startHealthServer, type HealthServer } from './health-server.ts';
export { PARTITIONS_DEFAULT, runServiceProcess, type CommonConfig } from './service-process.ts';
