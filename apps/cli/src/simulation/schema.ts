/** The part of JSON Schema (draft 2020-12) that simulation files need. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: SchemaType | readonly SchemaType[];
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly minItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: false | Schema;
  readonly required?: readonly string[];
  /** Alternatives that differ in their type. */
  readonly anyOf?: readonly Schema[];
  readonly $defs?: Readonly<Record<string, Schema>>;
}

export type SchemaType = 'string' | 'number' | 'integer' | 'boolean' | 'null' | 'array' | 'object';

const DURATION_PATTERN = '^\\s*(\\d+|((\\d+\\.?\\d*|\\.\\d+)(ns|us|µs|ms|s|m|h))+)\\s*$';

const DURATION_TEXT: Schema = {
  type: 'string',
  pattern: DURATION_PATTERN,
  description: 'a duration such as 90s, 1h30m or 500ms',
};

const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` });
const text = (description: string): Schema => ({ type: 'string', description });
const phases = (names: readonly string[], description: string): Schema => ({
  type: 'string',
  enum: names,
  description,
});
const listOf = (items: Schema, description: string): Schema => ({
  type: 'array',
  items,
  description,
});
const mapOf = (values: Schema, description: string): Schema => ({
  type: 'object',
  additionalProperties: values,
  description,
});
const described = (name: string, description: string): Schema => ({ ...ref(name), description });

const OUTCOME: Readonly<Record<string, Schema>> = {
  phase: phases(
    ['Succeeded', 'Failed', 'Error'],
    'How it ends. Default: Succeeded; Failed with an exit code other than 0.',
  ),
  message: text('The message of the node.'),
  exitCode: { type: 'integer', minimum: 0, description: 'The exit code of the main container.' },
  duration: described('duration', 'Time it takes; of a suspended node, time until its answer.'),
  result: described('value', 'What it prints (outputs.result); not text: its JSON.'),
  outputs: described('values', 'Output parameters.'),
  artifacts: {
    description: 'Output artifacts that are there; default: all that the template declares.',
    anyOf: [
      { type: 'array', items: { type: 'string' } },
      { type: 'object', additionalProperties: { type: 'string' } },
    ],
  },
  stays: phases(['Pending', 'Running'], 'Never gets beyond this phase by itself.'),
};

const MATCH: Readonly<Record<string, Schema>> = {
  template: text('Name of the template; * stands for any text.'),
  name: text('What people see of the node, with or without the attempt; * stands for any text.'),
  node: text('Full name of the node; * stands for any text.'),
  labels: mapOf({ type: 'string' }, 'Labels in the metadata of the template.'),
  inputs: described('values', 'Values of input parameters; * stands for any text.'),
};

const SETTING: Readonly<Record<string, Schema>> = {
  from: {
    type: 'string',
    pattern: '^[A-Za-z]+/.+$',
    description: 'kind/name of what is run, such as workflowtemplate/build',
  },
  name: text('Name of the run.'),
  start: {
    type: 'string',
    pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2})$',
    description: 'a time such as 2030-01-31T12:00:00Z: when the run is submitted',
  },
  until: described('duration', 'Virtual time after which the simulation is given up.'),
  parameters: described('values', 'Arguments of the workflow.'),
  configMaps: mapOf(ref('values'), 'ConfigMaps by name: parameters, limits of semaphores.'),
  memo: mapOf(mapOf(ref('cached'), 'Results by key.'), 'Remembered results by cache.'),
  semaphores: mapOf(
    { type: 'integer', minimum: 0 },
    'Limits of semaphores of the sync API, by key.',
  ),
  held: listOf(ref('held'), 'Locks that others have when it begins.'),
  strict: { type: 'boolean', description: 'A leaf that no mock means is an error.' },
  mocks: listOf(ref('mock'), 'How leaves end; of several that match, the first counts.'),
  events: listOf(ref('event'), 'What people do while it runs.'),
  expect: described('expectation', 'What has to be true in the end.'),
};

function object(
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
): Schema {
  const needs = required.length === 0 ? {} : { required };
  return { type: 'object', properties, ...needs, additionalProperties: false };
}

const DURATION: Schema = {
  description: 'a duration such as 90s, 1h30m or 500ms, or a number of seconds',
  anyOf: [DURATION_TEXT, { type: 'number', minimum: 0 }],
};

const NODE_EXPECTATION = object({
  phase: text('Its phase.'),
  message: text('Its message; /…/ is a regular expression.'),
  type: text('Its type: Pod, Steps, DAG, Retry …'),
  template: text('The name of its template.'),
  inputs: described('values', 'Input parameters; /…/ is a regular expression.'),
  outputs: described('values', 'Output parameters; /…/ is a regular expression.'),
  result: described('value', 'outputs.result; /…/ is a regular expression.'),
  exitCode: { type: 'integer', description: 'Its exit code.' },
  memoized: { type: 'boolean', description: 'Whether its result came from a cache.' },
  count: { type: 'integer', minimum: 0, description: 'How many nodes have this name.' },
  attempts: { type: 'integer', minimum: 0, description: 'How many attempts it made.' },
});

const EXPECTATION = object({
  phase: text('The phase of the run.'),
  message: text('Its message; /…/ is a regular expression.'),
  progress: text('Its progress, N/M.'),
  outputs: described('values', 'Output parameters of the run.'),
  nodes: mapOf(
    { anyOf: [{ type: 'string' }, NODE_EXPECTATION] },
    'By display name or full name; * stands for any text. A word alone is the phase.',
  ),
  order: {
    description: 'Names: each ends before the next one begins. Or a list of such lists.',
    type: 'array',
    items: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
  },
  never: listOf({ type: 'string' }, 'Names of nodes that must not run.'),
  metrics: mapOf(
    {
      anyOf: [
        { type: 'number' },
        object({
          value: { type: 'number', description: 'The last value.' },
          labels: mapOf({ type: 'string' }, 'Labels; others may be there, too.'),
        }),
      ],
    },
    'Metrics by name, as in the manifest. A number alone is the last value.',
  ),
  maxParallel: { type: 'integer', minimum: 0, description: 'Most tasks at work at once.' },
  duration: {
    description: 'Virtual time from begin to end; a range has min and max.',
    anyOf: [
      DURATION_TEXT,
      { type: 'number', minimum: 0 },
      object({ min: ref('duration'), max: ref('duration') }),
    ],
  },
});

const EVENT = object(
  {
    at: {
      description: 'a duration since the begin, such as 90s, or "end"',
      anyOf: [
        { type: 'string', pattern: `^end$|${DURATION_PATTERN}` },
        { type: 'number', minimum: 0 },
      ],
    },
    do: phases(
      ['suspend', 'resume', 'stop', 'terminate', 'retry', 'set'],
      'What is done to the run.',
    ),
    nodeFieldSelector: text('Only to these nodes: displayName=approve'),
    message: text('For stop and set.'),
    phase: phases(['Succeeded', 'Failed', 'Error', 'Skipped', 'Omitted'], 'For set.'),
    outputs: described('values', 'Output parameters, for resume and set.'),
    parameters: described('values', 'Arguments, for retry.'),
    restartSuccessful: { type: 'boolean', description: 'For retry.' },
  },
  ['at', 'do'],
);

/** What a simulation file may hold; schemas/simulation.schema.json is made from it. */
export const SIMULATION_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:argosy:schemas:v1alpha1:Simulation',
  title: 'Simulation of workflows',
  description: 'Mocks, events and expectations for `argosy simulate`.',
  ...object({
    manifests: listOf({ type: 'string' }, 'Files of manifests, relative to this file.'),
    ...SETTING,
    cases: {
      ...listOf(ref('case'), 'Cases; each takes over what the file says beside them.'),
      minItems: 1,
    },
  }),
  $defs: {
    value: {
      type: ['string', 'number', 'boolean', 'null', 'array', 'object'],
      description: 'A text; anything else counts as its JSON text.',
    },
    values: mapOf(ref('value'), 'Values by name.'),
    duration: DURATION,
    outcome: object(OUTCOME),
    mock: object({
      ...MATCH,
      ...OUTCOME,
      attempts: {
        ...listOf(ref('outcome'), 'One outcome for each time; the last one stays.'),
        minItems: 1,
      },
    }),
    event: EVENT,
    cached: object({
      result: ref('value'),
      outputs: ref('values'),
      age: described('duration', 'How long ago it was saved.'),
    }),
    held: object({
      mutex: text('Name of a mutex.'),
      semaphore: text('configmap/key, or the key of a limit of the sync API.'),
      for: described('duration', 'How long; default: for ever.'),
    }),
    expectation: EXPECTATION,
    case: object({ case: text('What the case shows, in a sentence.'), ...SETTING }, ['case']),
  },
} as const satisfies Schema & {
  readonly $schema: string;
  readonly $id: string;
  readonly title: string;
};
