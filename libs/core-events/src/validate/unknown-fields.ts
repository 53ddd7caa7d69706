import { formatPath, type FieldPath } from '@argosy/model';
import { fieldsOf, listOf } from './report.ts';

/** What fields a part of a manifest has: each with its own, or `any` where nobody looks at them one by one. */
type Shape =
  'any' | { readonly fields: Readonly<Record<string, Shape>> } | { readonly each: Shape };

const any: Shape = 'any';

/** A map with these fields; those that are only named are not looked into. */
function map(names: string, inner: Readonly<Record<string, Shape>> = {}): Shape {
  const leaves = names.split(' ').map((name) => [name, any] as const);
  return { fields: { ...Object.fromEntries(leaves), ...inner } };
}

function list(each: Shape): Shape {
  return { each };
}

const SOURCE = map(
  'dependencyName dataKey dataTemplate contextKey contextTemplate value useRawData',
);
const PARAMETERS = list(map('dest operation', { src: SOURCE }));
const BACKOFF = map('steps duration factor jitter');

const FILTERS = map('script exprLogicalOperator dataLogicalOperator', {
  exprs: list(map('expr', { fields: list(map('name path')) })),
  data: list(map('path type value comparator template')),
  context: map('type subject source datacontenttype id specversion time'),
  time: map('start stop timezone'),
});

const DEPENDENCY = map('name eventSourceName eventName filtersLogicalOperator', {
  filters: FILTERS,
  transform: map('jq script'),
});

const TEMPLATE = map(
  'name conditions http nats kafka pulsar awsLambda openWhisk azureEventHubs azureServiceBus',
  {
    conditionsReset: list(map('', { byTime: map('cron timezone') })),
    argoWorkflow: map('source operation args', { parameters: PARAMETERS }),
    k8s: map('source operation patchStrategy liveObject', { parameters: PARAMETERS }),
    log: map('intervalSeconds'),
    slack: map('slackToken channel message attachments blocks thread sender', {
      parameters: PARAMETERS,
    }),
    email: map('username smtpPassword host port to from subject body', { parameters: PARAMETERS }),
    custom: map('serverURL secure certSecret serverNameOverride spec', {
      parameters: PARAMETERS,
      payload: PARAMETERS,
    }),
  },
);

const TRIGGER_FIELDS: Readonly<Record<string, Shape>> = {
  template: TEMPLATE,
  parameters: PARAMETERS,
  policy: map('', {
    k8s: map('labels errorOnBackoffTimeout', { backoff: BACKOFF }),
    status: map('allow'),
  }),
  retryStrategy: BACKOFF,
  rateLimit: map('unit requestsPerUnit'),
  atLeastOnce: any,
};

/** Pods are described by `template`, `replicas`, `revisionHistoryLimit`; Argo Events never used `errorOnFailedRound`. */
const SPEC = map('eventBusName template replicas revisionHistoryLimit errorOnFailedRound', {
  loggingFields: any,
  dependencies: list(DEPENDENCY),
  triggers: list({
    fields: { ...TRIGGER_FIELDS, dlqTrigger: { fields: TRIGGER_FIELDS } },
  }),
});

/** Fields told at most, so that a status stays small. */
const FIELDS_TOLD_MAX = 20;

/**
 * The fields of a Sensor's spec that are neither Argo Events' nor Argosy's, and have no effect: paths such as
 * `spec.dependencies[0].filter`. The settings of some kinds of triggers are not looked into.
 */
export function unknownSensorFields(manifest: unknown): readonly string[] {
  const found: string[] = [];
  walk(fieldsOf(manifest)['spec'], { shape: SPEC, path: ['spec'], found });
  return found.slice(0, FIELDS_TOLD_MAX);
}

function walk(
  value: unknown,
  at: { readonly shape: Shape; readonly path: FieldPath; readonly found: string[] },
): void {
  const { shape, path, found } = at;
  if (shape === 'any') return;
  if ('each' in shape) {
    listOf(value).forEach((item, index) =>
      walk(item, { shape: shape.each, path: [...path, index], found }),
    );
    return;
  }
  for (const [name, inner] of Object.entries(fieldsOf(value))) {
    const below = [...path, name];
    const known = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
    if (known === undefined) found.push(formatPath(below));
    else walk(inner, { shape: known, path: below, found });
  }
}
