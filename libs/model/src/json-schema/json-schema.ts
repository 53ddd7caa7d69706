import { assertNever } from '@argosy/base';
import type { FieldType, ScalarNotation } from '../parse/schema/field-type.ts';
import { objectSchema, type ObjectSchema } from '../parse/schema/schema.ts';
import { statusTables } from '../parse/schema/status-tables.ts';
import { fieldDescription, objectDescription } from './descriptions.ts';
import { fieldValues, mayHoldVariable } from './field-values.ts';

/** A JSON Schema, or a part of one. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** The kinds of manifests that a schema is published for. */
export const SCHEMA_KINDS = [
  'Workflow',
  'WorkflowTemplate',
  'ClusterWorkflowTemplate',
  'CronWorkflow',
  'WorkflowEventBinding',
] as const;

export type SchemaKind = (typeof SCHEMA_KINDS)[number];

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** Identifiers, not addresses: the schemas are read from files. */
const ID_PREFIX = 'urn:argosy:schemas:v1alpha1:';

/**
 * The JSON Schema (draft 2020-12) of one kind of manifest, for editors and other checkers. It is made
 * of the tables that manifests are read with, so both know the same fields and types. It is as
 * strict as strict reading: unknown fields are errors. Names may be missing, since they can be given
 * at submission.
 */
export function manifestJsonSchema(kind: SchemaKind): JsonSchema {
  return {
    $schema: DIALECT,
    $id: ID_PREFIX + kind,
    title: kind,
    description: objectDescription(kind) ?? kind,
    $ref: reference(kind),
    $defs: definitionsOf([kind]),
  };
}

/** One schema for all kinds: which one holds is told by the manifest's `kind`. */
export function anyManifestJsonSchema(): JsonSchema {
  return {
    $schema: DIALECT,
    $id: `${ID_PREFIX}Manifest`,
    title: 'A manifest of workflows',
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    properties: { kind: { enum: SCHEMA_KINDS, description: 'What the manifest describes.' } },
    allOf: SCHEMA_KINDS.map((kind) => ({
      if: { properties: { kind: { const: kind } }, required: ['kind'] },
      then: { $ref: reference(kind) },
    })),
    $defs: definitionsOf(SCHEMA_KINDS),
  };
}

/** True for the name of a kind that has a schema. */
export function isSchemaKind(kind: string): kind is SchemaKind {
  return (SCHEMA_KINDS as readonly string[]).includes(kind);
}

function definitionsOf(roots: readonly string[]): JsonSchema {
  const definitions = new Map<string, JsonSchema>();
  const waiting = [...roots];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (definitions.has(name)) continue;
    const schema = objectSchema(name);
    if (schema === undefined) throw new Error(`no table named ${name}`);
    definitions.set(name, definitionOf(schema));
    for (const type of schema.fields.values()) waiting.push(...tablesIn(type));
  }
  const sorted = [...definitions].sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(sorted);
}

function tablesIn(type: FieldType): readonly string[] {
  switch (type.kind) {
    case 'Table':
      return [type.name];
    case 'List':
      return tablesIn(type.item);
    case 'Map':
      return tablesIn(type.value);
    case 'Any':
    case 'Object':
    case 'Scalar':
      return [];
    default:
      return assertNever(type);
  }
}

function definitionOf(schema: ObjectSchema): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  for (const [field, type] of schema.fields) {
    properties[field] = withComment(schema.name, field, schemaOfType(type));
  }
  const description = objectDescription(schema.name);
  const head = isSchemaKind(schema.name) ? headOf(schema.name) : {};
  const required = requiredFields(schema);
  return {
    ...(description === undefined ? {} : { description }),
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties: { ...properties, ...head },
    additionalProperties: false,
  };
}

/** Absent fields that the reader fills in, and that nobody has to write. */
const FILLED_IN: ReadonlySet<string> = new Set(['CacheConfigMap.key', 'ExecutorPlugin.spec']);

/** What must be written; in a status nothing, as no person writes it. */
function requiredFields(schema: ObjectSchema): readonly string[] {
  if (isSchemaKind(schema.name)) return ['apiVersion', 'kind', 'metadata', 'spec'];
  if (Object.hasOwn(statusTables, schema.name)) return [];
  return schema.required.filter((field) => !FILLED_IN.has(`${schema.name}.${field}`));
}

function headOf(kind: SchemaKind): JsonSchema {
  return {
    apiVersion: { const: 'argoproj.io/v1alpha1', description: 'The version of the language.' },
    kind: { const: kind, description: 'What the manifest describes.' },
  };
}

function withComment(object: string, field: string, schema: JsonSchema): JsonSchema {
  const description = fieldDescription(object, field);
  const values = fieldValues(object, field);
  return {
    ...(description === undefined ? {} : { description }),
    ...(values === undefined ? schema : limitedTo(values, mayHoldVariable(object, field))),
  };
}

function limitedTo(values: readonly string[], orVariable: boolean): JsonSchema {
  if (!orVariable) return { enum: values };
  return { anyOf: [{ enum: values }, { type: 'string', pattern: '\\{\\{' }] };
}

function schemaOfType(type: FieldType): JsonSchema {
  switch (type.kind) {
    case 'Table':
      return { $ref: reference(type.name) };
    case 'List':
      return { type: 'array', items: schemaOfType(type.item) };
    case 'Map':
      return { type: 'object', additionalProperties: schemaOfType(type.value) };
    case 'Any':
      return {};
    case 'Object':
      return { type: 'object' };
    case 'Scalar':
      return SCALARS[type.notation];
    default:
      return assertNever(type);
  }
}

const SCALARS: Readonly<Record<ScalarNotation, JsonSchema>> = {
  // The reader makes text of other scalars, as Argo's command line does.
  text: { type: ['string', 'number', 'boolean'] },
  scalar: { type: ['string', 'number', 'boolean'] },
  boolean: { type: 'boolean' },
  integer: { type: 'integer' },
  number: { type: 'number' },
  intOrText: { type: ['integer', 'string'] },
  quantity: { type: ['number', 'string'] },
  // Kubernetes writes null for a creation that is still to come.
  time: { type: ['string', 'null'], format: 'date-time' },
};

function reference(name: string): string {
  return `#/$defs/${name}`;
}

/** A schema as text, with one line for each definition: short, and differences stay readable. */
export function formatJsonSchema(schema: JsonSchema): string {
  const lines = Object.entries(schema).map(([keyword, value]) => {
    const text =
      keyword === '$defs' ? formatDefinitions(value as JsonSchema) : JSON.stringify(value);
    return `  ${JSON.stringify(keyword)}: ${text}`;
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}

function formatDefinitions(definitions: JsonSchema): string {
  const lines = Object.entries(definitions).map(
    ([name, definition]) => `    ${JSON.stringify(name)}: ${JSON.stringify(definition)}`,
  );
  return `{\n${lines.join(',\n')}\n  }`;
}
