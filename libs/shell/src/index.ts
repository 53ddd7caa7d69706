export type { RunningService, ServiceContext, StartService } from './service.ts';
export {
  followResources,
  type DeclaredResource,
  type DeclaredResources,
  type FollowResourcesOptions,
} from './declared-resources.ts';
export {
  createKeyedReconciler,
  type KeyedReconciler,
  type KeyedReconcilerOptions,
} from './keyed-reconciler.ts';
export { pause } from './pause.ts';
export { writeConditions, type ResourceCondition } from './resource-status.ts';
