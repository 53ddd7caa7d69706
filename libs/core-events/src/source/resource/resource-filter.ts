import { err, ok, type Result } from '@argosy/base';
import { gjsonGet } from '@argosy/lang';
import { textMatches } from '../../filter/text-match.ts';
import {
  compileResourceLabels,
  type ResourceLabels,
  type ResourceSelector,
} from './label-requirements.ts';

export type ResourceEventType = 'ADD' | 'UPDATE' | 'DELETE';

/** `filter` of a resource event source. */
export interface ResourceFilterSettings {
  /** The object's name begins with it. */
  readonly prefix?: string;
  readonly labels?: readonly ResourceSelector[];
  readonly fields?: readonly ResourceSelector[];
  /** RFC 3339; objects that were created later are left out. */
  readonly createdBy?: string;
  readonly afterStart?: boolean;
}

/** The filter, checked. Labels are for the one who looks objects up: what leaves them is deleted. */
export interface ResourceFilter {
  readonly labels: ResourceLabels;
  readonly prefix: string;
  readonly fields: readonly FieldCondition[];
  readonly createdByMs: number | undefined;
  readonly isAfterStart: boolean;
}

interface FieldCondition {
  /** A gjson path. */
  readonly path: string;
  /** RE2, unanchored. */
  readonly pattern: string;
  readonly isNegated: boolean;
}

/** A change of an object of a cluster, or one that is shaped so. */
export interface ResourceChange {
  readonly type: ResourceEventType;
  /** JSON text of the object as it is, or last was. */
  readonly objectText: string;
  /** When it was seen, Unix milliseconds: counts for objects that do not tell when they were changed. */
  readonly seenMs: number;
}

const FIELD_OPERATIONS = ['=', '==', '!='];
/** The times of objects are whole seconds. */
const SECOND_MS = 1_000;

/** Reads a filter. @returns a sentence that names the field that is wrong and what to do. */
export function compileResourceFilter(
  settings: ResourceFilterSettings,
): Result<ResourceFilter, string> {
  const labels = compileResourceLabels(settings.labels ?? []);
  if (!labels.ok) return labels;
  const fields: FieldCondition[] = [];
  for (const [index, field] of (settings.fields ?? []).entries()) {
    const condition = fieldCondition(field, `filter.fields[${index}]`);
    if (!condition.ok) return condition;
    fields.push(condition.value);
  }
  const { prefix = '', createdBy = '', afterStart = false } = settings;
  const createdByMs = createdBy === '' ? undefined : Date.parse(createdBy);
  if (Number.isNaN(createdByMs)) {
    return err(
      `filter.createdBy: "${createdBy}" is no time; write one such as 2030-01-31T12:00:00Z`,
    );
  }
  return ok({ labels: labels.value, prefix, fields, createdByMs, isAfterStart: afterStart });
}

function fieldCondition(
  { key, operation = '', value = '' }: ResourceSelector,
  where: string,
): Result<FieldCondition, string> {
  if (!FIELD_OPERATIONS.includes(operation)) {
    const known = FIELD_OPERATIONS.join(', ');
    return err(`${where}.operation: "${operation}" is not one of ${known}; fields need one`);
  }
  const pattern = textMatches(value, '');
  if (!pattern.ok) return err(`${where}.value is no regular expression: ${pattern.error}`);
  return ok({ path: key, pattern: value, isNegated: operation === '!=' });
}

/**
 * Whether a change is told. The labels are not looked at. What an object does not have fails its condition, and only
 * texts have a text to be matched: all other values are matched as empty ones (Argo Events does so).
 * @param startedMs since when events count under `afterStart`, Unix milliseconds
 */
export function resourceFilterPasses(
  filter: ResourceFilter,
  change: ResourceChange,
  startedMs: number,
): boolean {
  const { objectText } = change;
  if (!gjsonGet(objectText, 'metadata.name').text.startsWith(filter.prefix)) return false;
  if (filter.isAfterStart && changedMs(change) < Math.floor(startedMs / SECOND_MS) * SECOND_MS) {
    return false;
  }
  if (filter.createdByMs !== undefined) {
    const createdMs = timeAt(objectText, 'metadata.creationTimestamp');
    if (createdMs !== undefined && createdMs > filter.createdByMs) return false;
  }
  return filter.fields.every(({ path, pattern, isNegated }) => {
    const found = gjsonGet(objectText, path);
    if (!found.exists) return false;
    const matched = textMatches(pattern, found.type === 'string' ? found.text : '');
    return matched.ok && matched.value !== isNegated;
  });
}

/** When it happened: by the object's own times, where it has them. */
function changedMs({ type, objectText, seenMs }: ResourceChange): number {
  const createdMs = timeAt(objectText, 'metadata.creationTimestamp') ?? seenMs;
  switch (type) {
    case 'ADD':
      return createdMs;
    case 'DELETE':
      return timeAt(objectText, 'metadata.deletionTimestamp') ?? seenMs;
    case 'UPDATE':
      return lastManagedMs(objectText, createdMs) ?? seenMs;
  }
}

/** The last change that the object's `managedFields` tell of; undefined when it has none. */
function lastManagedMs(objectText: string, createdMs: number): number | undefined {
  const found = gjsonGet(objectText, 'metadata.managedFields');
  if (!found.exists) return undefined;
  const updates = gjsonGet(objectText, 'metadata.managedFields.#(operation=="Update")#.time');
  const times = JSON.parse(updates.exists ? updates.raw : '[]') as readonly unknown[];
  return times
    .map((time) => Date.parse(String(time)))
    .filter((timeMs) => !Number.isNaN(timeMs))
    .reduce((latest, timeMs) => Math.max(latest, timeMs), createdMs);
}

function timeAt(objectText: string, path: string): number | undefined {
  const timeMs = Date.parse(gjsonGet(objectText, path).text);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

/** What an event tells of a change besides it. */
export interface ResourceEventParts {
  readonly change: Pick<ResourceChange, 'type' | 'objectText'>;
  /** JSON text of the object before an UPDATE, where it is known. */
  readonly oldText?: string | undefined;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** The event's data as JSON text; `oldBody` is null where there is none. The objects' own text is kept. */
export function resourceEventData(parts: ResourceEventParts): string {
  const { change, oldText = 'null', metadata = {} } = parts;
  const { group, version, resource } = parts;
  const rest = JSON.stringify({
    group,
    version,
    resource,
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  }).slice(1);
  const type = JSON.stringify(change.type);
  return `{"type":${type},"body":${change.objectText},"oldBody":${oldText},${rest}`;
}
