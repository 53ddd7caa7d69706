export { contextJson, dataAsJson, eventJson, type SensorEvent } from './event/sensor-event.ts';
export type * from './manifest/sensor.ts';
export { compileCondition, CONDITION_UNITS_MAX, type Condition } from './condition/condition.ts';
export { nextResetMs, previousResetMs, resetPlan, type ResetPlan } from './condition/reset.ts';
export { evaluateDependency, type DependencyVerdict } from './filter/dependency.ts';
export {
  explainEvent,
  type DependencyExplanation,
  type EventExplanation,
  type ExplainRequest,
  type TriggerExplanation,
} from './explain/explain.ts';
export type { FilterExplanation } from './explain/filters.ts';
export type { TriggerResult } from './explain/trigger-result.ts';
export { filtersPass } from './filter/evaluate.ts';
export { transformEvent } from './transform/transform.ts';
export { applyParameters, buildPayload, type PayloadOptions } from './parameter/apply.ts';
export {
  resolveParameter,
  type FiringEvents,
  type ParameterValue,
  type ValueType,
} from './parameter/resolve.ts';
export { parameterizedTemplate } from './parameter/template.ts';
export {
  dependenciesOf,
  dependencyHash,
  triggerDefinition,
  type SensorIdentity,
} from './trigger/definition.ts';
export { firingId, nameOfFiring, uidOfFiring, type TriggerIdentity } from './trigger/firing.ts';
export {
  createTriggerMachine,
  DUPLICATE_WINDOW_MS,
  FIRINGS_OPEN_MAX,
  RECENT_IDS_MAX,
  type Firing,
  type PendingEvent,
  type TriggerDefinition,
  type TriggerEffect,
  type TriggerFact,
  type TriggerInput,
  type TriggerMachine,
  type TriggerState,
} from './trigger/machine.ts';
export {
  calendarEventData,
  calendarPlan,
  CATCHUP_TIMES_MAX,
  exclusionDatesMs,
  missedOccurrencesMs,
  nextOccurrenceMs,
  parseEventTime,
  type CalendarPlan,
  type CalendarSettings,
} from './source/calendar.ts';
export { parseQuery } from './source/query.ts';
export {
  compileResourceLabels,
  type ResourceLabels,
  type ResourceSelector,
} from './source/resource/label-requirements.ts';
export {
  compileResourceFilter,
  resourceEventData,
  resourceFilterPasses,
  type ResourceChange,
  type ResourceEventParts,
  type ResourceEventType,
  type ResourceFilter,
  type ResourceFilterSettings,
} from './source/resource/resource-filter.ts';
export { compileSourceFilter, sourceFilterPasses } from './source/source-filter.ts';
export {
  compileWatchPath,
  FILE_OPERATIONS,
  type FileOperation,
  type WatchPath,
} from './source/watch-path.ts';
export {
  canonicalHeaderName,
  eventHeaders,
  webhookEventData,
  type WebhookRequest,
} from './source/webhook.ts';
export { validateEventBus, validateEventBusUpdate } from './validate/event-bus.ts';
export { validateEventSource } from './validate/event-source.ts';
export { validateSensor, type SensorContext } from './validate/sensor.ts';
export { unknownSensorFields } from './validate/unknown-fields.ts';
