/** Key-value buckets and object stores on the bus. */
export const BUCKETS = {
  /** Declared manifests; history 5; compare-and-set. */
  resources: 'resources',
  /** One RunSummary per workflow run: the index that lists and watches read. */
  runs: 'runs',
  /** Ownership and presence; entries expire. */
  leases: 'leases',
  /** Pending events of sensors with conjunctions. */
  sensorState: 'sensor-state',
  /** Limits of semaphores that were set by the sync API: `<ns>.<key>` to a number. */
  syncLimits: 'sync-limits',
  /** How long the last successful run of a template or schedule took: `<ns>.<kind>.<name>`. */
  durations: 'durations',
} as const;

export const OBJECT_STORES = { artifacts: 'artifacts' } as const;

export const STREAMS = {
  events: 'EVENTS',
  commands: 'COMMANDS',
  facts: 'FACTS',
  tasks: 'TASKS',
  logs: 'LOGS',
  /** States of live runs, so that not all of their facts have to be folded again. */
  snapshots: 'SNAPSHOTS',
  /** Firings of sensors whose triggers failed at all attempts. */
  deadLetters: 'DEAD_LETTERS',
} as const;

/** Namespace of cluster-scoped resources in keys. */
export const CLUSTER_NAMESPACE = '_cluster';
