import { assertNever } from '@argosy/base';
import type { FieldPath } from '../problem.ts';
import type { Json } from '../types/json.ts';
import type { FieldType, ScalarType } from './schema/field-type.ts';
import { objectSchema, type ObjectSchema } from './schema/schema.ts';
import { adviceFor } from './suggestion.ts';
import type { RawValue } from './yaml-value.ts';

/** Takes what is wrong while decoding. */
export type ReportProblem = (
  severity: 'error' | 'warning',
  message: string,
  path: FieldPath,
) => void;

export interface DecodeContext {
  /** Strict: unknown fields and keys of other case are errors; else they are warned of. */
  readonly strict: boolean;
  readonly report: ReportProblem;
}

type RawObject = { readonly [key: string]: RawValue };

/**
 * Reads a raw value as an object of the named schema: scalars become text where text is due,
 * `null` means absent, field names get their proper case. What does not fit is reported and left
 * out.
 */
export function decodeObject(
  schemaName: string,
  value: RawValue,
  path: FieldPath,
  context: DecodeContext,
): Json | undefined {
  const schema = objectSchema(schemaName);
  if (schema === undefined) throw new Error(`no schema named ${schemaName}`);
  const object = objectOf(value, path, context);
  return object === undefined ? undefined : decodeFields(schema, object, path, context);
}

function decodeFields(
  schema: ObjectSchema,
  object: RawObject,
  path: FieldPath,
  context: DecodeContext,
): Json {
  const decoded: Record<string, Json> = {};
  for (const [key, value] of Object.entries(object)) {
    const name = schema.fields.has(key) ? key : nameOfOtherCase(schema, key, path, context);
    const type = name === undefined ? undefined : schema.fields.get(name);
    if (name === undefined || type === undefined) {
      reportUnknown(schema, key, [...path, key], context);
      continue;
    }
    // The exact spelling wins over one of another case, wherever it stands.
    if (name !== key && name in object) continue;
    const field = decodeValue(type, value, [...path, key], context);
    if (field !== undefined) decoded[name] = field;
  }
  return withRequired(schema, decoded);
}

/** Puts in Go's zero values, so that the types of manifests hold for whatever is written. */
function withRequired(schema: ObjectSchema, decoded: Record<string, Json>): Json {
  for (const field of schema.required) {
    const type = schema.fields.get(field);
    if (type !== undefined) decoded[field] ??= emptyOf(type);
  }
  return decoded;
}

function nameOfOtherCase(
  schema: ObjectSchema,
  key: string,
  path: FieldPath,
  context: DecodeContext,
): string | undefined {
  const name = schema.fieldsByLowerName.get(key.toLowerCase());
  if (name === undefined || context.strict) return undefined;
  context.report('warning', `field "${key}" is read as "${name}"; mind the case`, [...path, key]);
  return name;
}

function reportUnknown(
  schema: ObjectSchema,
  key: string,
  path: FieldPath,
  context: DecodeContext,
): void {
  const advice = adviceFor(schema.name, key, schema.fields.keys());
  const severity = context.strict ? 'error' : 'warning';
  context.report(severity, `unknown field "${key}": ${advice}`, path);
}

function decodeValue(
  type: FieldType,
  value: RawValue,
  path: FieldPath,
  context: DecodeContext,
): Json | undefined {
  if (value === null) return type.kind === 'Any' ? null : undefined;
  switch (type.kind) {
    case 'Any':
      return plainJson(value);
    case 'Object': {
      const object = objectOf(value, path, context);
      return object === undefined ? undefined : plainJson(object);
    }
    case 'Scalar':
      return decodeScalar(type.of, value, path, context);
    case 'List':
      return decodeList(type.item, value, path, context);
    case 'Map':
      return decodeMap(type.value, value, path, context);
    case 'Table':
      return decodeObject(type.name, value, path, context);
    default:
      return assertNever(type);
  }
}

function decodeList(
  item: FieldType,
  value: RawValue,
  path: FieldPath,
  context: DecodeContext,
): Json | undefined {
  if (!Array.isArray(value)) {
    reportWrongType('a list', value, path, context);
    return undefined;
  }
  return (value as readonly RawValue[]).map((part, index) => {
    const decoded = decodeValue(item, part, [...path, index], context);
    return decoded === undefined ? emptyOf(item) : decoded;
  });
}

/** What `null` means as an item of a list: Go's zero value. */
function emptyOf(type: FieldType): Json {
  switch (type.kind) {
    case 'Any':
      return null;
    case 'List':
      return [];
    case 'Object':
    case 'Map':
      return {};
    case 'Table': {
      const schema = objectSchema(type.name);
      return schema === undefined ? {} : withRequired(schema, {});
    }
    case 'Scalar':
      return { text: '', boolean: false, integer: 0, number: 0, intOrText: 0 }[type.of];
    default:
      return assertNever(type);
  }
}

function decodeMap(
  type: FieldType,
  value: RawValue,
  path: FieldPath,
  context: DecodeContext,
): Json | undefined {
  const object = objectOf(value, path, context);
  if (object === undefined) return undefined;
  const entries: [string, Json][] = [];
  for (const [key, part] of Object.entries(object)) {
    const decoded = decodeValue(type, part, [...path, key], context) ?? emptyOf(type);
    entries.push([key, decoded]);
  }
  return Object.fromEntries(entries);
}

function objectOf(value: RawValue, path: FieldPath, context: DecodeContext): RawObject | undefined {
  if (value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as RawObject;
  reportWrongType('a map', value, path, context);
  return undefined;
}

const EXPECTED: Readonly<Record<ScalarType, string>> = {
  text: 'text',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  intOrText: 'a whole number or text',
};

function decodeScalar(
  type: ScalarType,
  value: RawValue,
  path: FieldPath,
  context: DecodeContext,
): Json | undefined {
  const decoded = scalarOf(type, value);
  if (decoded === undefined) reportWrongType(EXPECTED[type], value, path, context);
  return decoded;
}

function scalarOf(type: ScalarType, value: RawValue): Json | undefined {
  if (typeof value === 'object') return undefined;
  switch (type) {
    case 'text':
      return String(value);
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'integer':
      return wholeNumber(value);
    case 'number':
      return typeof value === 'bigint' || typeof value === 'number' ? Number(value) : undefined;
    case 'intOrText':
      if (typeof value === 'boolean') return undefined;
      return wholeNumber(value) ?? String(value);
    default:
      return assertNever(type);
  }
}

function wholeNumber(value: string | number | bigint | boolean): number | undefined {
  if (typeof value !== 'bigint' && typeof value !== 'number') return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

function reportWrongType(
  expected: string,
  value: RawValue,
  path: FieldPath,
  context: DecodeContext,
): void {
  const field = path.at(-1);
  const name = typeof field === 'string' ? `field "${field}"` : 'this item';
  const advice = adviceForType(expected, value);
  const message = `${name} must be ${expected}, but is ${describe(value)}${advice}`;
  context.report('error', message, path);
}

function adviceForType(expected: string, value: RawValue): string {
  if (typeof value === 'string') {
    const isNumber = expected.includes('number') && /^-?\d+(\.\d+)?$/.test(value);
    const isBoolean = expected.startsWith('true') && /^(true|false)$/i.test(value);
    return isNumber || isBoolean ? ': remove the quotes' : '';
  }
  if (expected === 'a list') return ': begin each item with "- "';
  if (expected === 'text' && value !== null && typeof value === 'object') {
    return ': quote it, or write it as a block with "|"';
  }
  return '';
}

function describe(value: RawValue): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const shown = String(value);
  const short = shown.length > 40 ? `${shown.slice(0, 40)}…` : shown;
  return typeof value === 'string' ? `the text "${short}"` : short;
}

/** Plain JSON: whole numbers as numbers. */
function plainJson(value: RawValue): Json {
  if (typeof value === 'bigint') return Number(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return (value as readonly RawValue[]).map(plainJson);
  return Object.fromEntries(
    Object.entries(value as RawObject).map(([key, part]) => [key, plainJson(part)]),
  );
}
