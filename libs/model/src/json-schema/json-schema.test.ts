// The published JSON Schemas: they are valid schemas of draft 2020-12, know every field that the
// reader knows, describe every field of Argo's own, let sound manifests pass and refuse wrong ones.
// Whether Argo's own examples pass is checked by the conformance suite (test/conformance).
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { kubernetesTables } from '../parse/schema/kubernetes-tables.ts';
import { objectSchema, schemaNames } from '../parse/schema/schema.ts';
import { describedFields, fieldDescription, objectDescription } from './descriptions.ts';
import { limitedFields } from './field-values.ts';
import {
  anyManifestJsonSchema,
  manifestJsonSchema,
  SCHEMA_KINDS,
  type JsonSchema,
} from './json-schema.ts';

/** Compiling takes a second, and more on machines that have much else to do. */
const TIMEOUT_MS = 60_000;

// Strict: a keyword that does not exist, or has no effect where it stands, is an error.
const SETTINGS = { strictTypes: false, allErrors: true, validateFormats: false };

const compile = (schema: JsonSchema) => new Ajv2020(SETTINGS).compile(schema);

const anyKind = compile(anyManifestJsonSchema());

function problemsOf(yaml: string): string {
  anyKind(parse(yaml));
  return (anyKind.errors ?? [])
    .map(({ instancePath, message, params }) =>
      [instancePath, message, JSON.stringify(params)].join(' '),
    )
    .join('\n');
}

const HEAD = 'apiVersion: argoproj.io/v1alpha1\n';
const WORKFLOW = `${HEAD}kind: Workflow\nmetadata: {generateName: a-}\n`;

function workflow(template: string, spec = ''): string {
  return `${WORKFLOW}spec: {entrypoint: main, templates: [${template}], ${spec}}`;
}

describe('the schema of every kind', () => {
  it.each(SCHEMA_KINDS)(
    'is a sound schema of draft 2020-12: %s',
    (kind) => {
      const schema = manifestJsonSchema(kind);
      expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
      expect(schema['$id']).toBe(`urn:argosy:schemas:v1alpha1:${kind}`);
      expect(compile(schema)).toBeTypeOf('function');
    },
    TIMEOUT_MS,
  );

  it('knows exactly the fields that the reader knows', () => {
    const definitions = anyManifestJsonSchema()['$defs'] as Readonly<Record<string, JsonSchema>>;
    for (const [name, definition] of Object.entries(definitions)) {
      const fields = [...(objectSchema(name)?.fields.keys() ?? [])];
      expect(Object.keys(definition['properties'] as object), name).toEqual(fields);
    }
    expect(Object.keys(definitions)).toContain('NodeSelectorRequirement');
    expect(Object.keys(definitions).length).toBeGreaterThan(200);
  });
});

describe('descriptions', () => {
  it('stand at every object and field of Argo’s own', () => {
    const reached = anyManifestJsonSchema()['$defs'] as Readonly<Record<string, JsonSchema>>;
    const own = Object.keys(reached).filter((name) => !(name in kubernetesTables));
    const lacking = own.flatMap((name) => {
      const fields = [...(objectSchema(name)?.fields.keys() ?? [])];
      const bare = fields.filter((field) => fieldDescription(name, field) === undefined);
      const itself = objectDescription(name) === undefined ? [name] : [];
      return [...itself, ...bare.map((field) => `${name}.${field}`)];
    });
    expect(lacking).toEqual([]);
  });

  it('and lists of values belong to fields that exist', () => {
    const exists = (path: string): boolean => {
      const [object = '', field = ''] = path.split('.');
      const schema = objectSchema(object);
      return schema !== undefined && (field === '' || schema.fields.has(field));
    };
    expect([...describedFields(), ...limitedFields()].filter((path) => !exists(path))).toEqual([]);
    expect(schemaNames().length).toBeGreaterThan(100);
  });
});

describe('sound manifests pass', () => {
  it.each([
    [
      'a container',
      workflow('{name: main, container: {image: i, resources: {limits: {cpu: 0.5}}}}'),
    ],
    ['steps', workflow('{name: main, steps: [[{name: a, template: b, withItems: [1, {x: y}]}]]}')],
    ['a DAG', workflow('{name: main, dag: {tasks: [{name: a, inline: {suspend: {}}}]}}')],
    [
      'values of any scalar',
      workflow('{name: main, inputs: {parameters: [{name: p, value: 1.5}]}}'),
    ],
    [
      'an action by variable',
      workflow('{name: main, resource: {action: "{{inputs.parameters.a}}"}}'),
    ],
    ['a retry with text', workflow('{name: main, retryStrategy: {limit: "3"}, suspend: {}}')],
    [
      'affinity',
      workflow(
        '{name: main, suspend: {}}',
        'affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: In, values: [b]}]}]}}}',
      ),
    ],
    [
      'a cron workflow',
      `${HEAD}kind: CronWorkflow\nmetadata: {name: c}\nspec: {schedules: ["* * * * *"], workflowSpec: {entrypoint: a}}`,
    ],
    [
      'an event binding',
      `${HEAD}kind: WorkflowEventBinding\nmetadata: {name: b}\nspec: {event: {selector: "true"}, submit: {workflowTemplateRef: {name: t}}}`,
    ],
  ])('%s', (_name, yaml) => {
    expect(problemsOf(yaml)).toBe('');
  });
});

describe('wrong manifests are refused', () => {
  it.each([
    [
      'a kind that is not known',
      `${HEAD}kind: Wrokflow\nmetadata: {name: a}\nspec: {}`,
      'allowed values',
    ],
    [
      'another version',
      'apiVersion: v1\nkind: Workflow\nmetadata: {name: a}\nspec: {}',
      '/apiVersion',
    ],
    ['no metadata', `${HEAD}kind: Workflow\nspec: {}`, 'metadata'],
    ['an unknown field', workflow('{name: main, contianer: {}}'), 'contianer'],
    ['an unknown field of Kubernetes', workflow('{name: main, container: {imag: a}}'), 'imag'],
    ['a field of another case', workflow('{name: main, withparam: a}'), 'withparam'],
    ['steps that are not lists of lists', workflow('{name: main, steps: [{name: a}]}'), 'steps/0'],
    ['text where a number is due', workflow('{name: main, parallelism: "2"}'), 'parallelism'],
    ['a list where text is due', workflow('{name: [a]}'), 'name'],
    ['an action that is not known', workflow('{resource: {action: look}}'), 'action'],
    [
      'a policy that is not known',
      workflow('{retryStrategy: {retryPolicy: Sometimes}}'),
      'retryPolicy',
    ],
    [
      'a concurrency policy that is not known',
      `${HEAD}kind: CronWorkflow\nmetadata: {name: c}\nspec: {concurrencyPolicy: Maybe, workflowSpec: {}}`,
      'concurrencyPolicy',
    ],
    ['a parameter without a name', workflow('{inputs: {parameters: [{value: a}]}}'), 'name'],
    ['a mutex of Argo 3', workflow('{synchronization: {mutex: {name: a}}}'), 'mutex'],
    ['a wrong probe', workflow('{container: {readinessProbe: {httpGet: {port: [1]}}}}'), 'port'],
    ['a wrong volume', workflow('{volumes: [{name: a, emptyDir: {size: 1}}]}'), 'emptyDir'],
  ])('%s', (_name, yaml, expected) => {
    expect(problemsOf(yaml)).toContain(expected);
  });
});
