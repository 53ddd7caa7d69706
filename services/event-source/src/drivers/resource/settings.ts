import {
  compileResourceFilter,
  type ResourceEventType,
  type ResourceFilter,
  type ResourceSelector,
} from '@argosy/core-events';
import {
  fieldsListField,
  flagField,
  isFields,
  metadataField,
  textField,
  textsField,
  type Fields,
} from '../http/settings.ts';

/** Which kind of object, as Kubernetes' API names it. */
export interface ResourceKind {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** The plural in lower case. */
  readonly resource: string;
}

/** The settings of one resource event, checked. */
export interface ResourceSettings extends ResourceKind {
  /** Empty: all namespaces. */
  readonly namespace: string;
  readonly eventTypes: readonly ResourceEventType[];
  /** Undefined with problems only. */
  readonly filter: ResourceFilter | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

const EVENT_TYPES: readonly ResourceEventType[] = ['ADD', 'UPDATE', 'DELETE'];

/** Reads `spec.resource.<event>`. */
export function parseResourceSettings(fields: Fields, problems: string[]): ResourceSettings {
  const version = textField(fields, 'version', problems);
  const resource = textField(fields, 'resource', problems).toLowerCase();
  if (version === '') problems.push('version must be that of the API, such as v1');
  if (resource === '') problems.push('resource must be the plural of the kind, such as pods');
  const wanted = textsField(fields, 'eventTypes', problems);
  const eventTypes = EVENT_TYPES.filter((type) => wanted.includes(type));
  const unknown = wanted.filter((type) => !EVENT_TYPES.some((known) => known === type));
  for (const type of unknown) {
    problems.push(`eventTypes: "${type}" is not one of ${EVENT_TYPES.join(', ')}`);
  }
  if (wanted.length === 0) {
    problems.push(`eventTypes must name at least one of ${EVENT_TYPES.join(', ')}`);
  }
  return {
    group: textField(fields, 'group', problems),
    version,
    resource,
    namespace: textField(fields, 'namespace', problems),
    eventTypes,
    filter: parseFilter(fields['filter'], problems),
    metadata: metadataField(fields, problems),
  };
}

function parseFilter(value: unknown, problems: string[]): ResourceFilter | undefined {
  if (value !== undefined && value !== null && !isFields(value)) {
    problems.push('filter must be a map: {prefix, labels, fields, createdBy, afterStart}');
    return undefined;
  }
  const fields = value ?? {};
  const found: string[] = [];
  const filter = compileResourceFilter({
    prefix: textField(fields, 'prefix', found),
    labels: selectors(fields, 'labels', found),
    fields: selectors(fields, 'fields', found),
    createdBy: textField(fields, 'createdBy', found),
    afterStart: flagField(fields, 'afterStart', found),
  });
  problems.push(...found.map((problem) => `filter.${problem}`));
  if (filter.ok) return filter.value;
  problems.push(filter.error);
  return undefined;
}

function selectors(fields: Fields, name: string, problems: string[]): ResourceSelector[] {
  return fieldsListField(fields, name, problems).map((each, index) => {
    const found: string[] = [];
    const key = textField(each, 'key', found);
    if (key === '') found.push('key must not be empty');
    const selector = {
      key,
      operation: textField(each, 'operation', found),
      value: textField(each, 'value', found),
    };
    problems.push(...found.map((problem) => `${name}[${index}].${problem}`));
    return selector;
  });
}
