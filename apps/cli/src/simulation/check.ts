import { formatPath, type FieldPath } from '@argosy/model';
import type { Schema, SchemaType } from './schema.ts';

/** What is wrong with a value, and where in it. */
export interface Mistake {
  readonly path: FieldPath;
  readonly message: string;
  /** The key itself is wrong, not what it holds. */
  readonly atKey: boolean;
}

/** Compares a value (of JSON) with a schema. Cost: the size of the value. */
export function mistakesOf(value: unknown, root: Schema): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  check(value, root, { root, path: [], mistakes });
  return mistakes;
}

interface Check {
  readonly root: Schema;
  readonly path: FieldPath;
  readonly mistakes: Mistake[];
}

function check(value: unknown, given: Schema, at: Check): void {
  const schema = resolve(given, at.root);
  const fitting = schema.anyOf?.map((each) => resolve(each, at.root)).filter(accepts(value));
  if (schema.anyOf !== undefined) {
    const [only] = fitting ?? [];
    if (only === undefined) report(at, `must be ${namesOf(schema, at.root)}`);
    else check(value, { description: schema.description ?? '', ...only }, at);
    return;
  }
  if (!accepts(value)(schema)) {
    report(at, `must be ${namesOf(schema, at.root)}, not ${typeName(value)}`);
  } else if (Array.isArray(value)) checkList(value, schema, at);
  else if (isMap(value)) checkMap(value, schema, at);
  else checkScalar(value, schema, at);
}

function checkScalar(value: unknown, schema: Schema, at: Check): void {
  if (schema.enum !== undefined && !schema.enum.includes(String(value))) {
    report(at, `must be one of ${schema.enum.join(', ')}, not "${String(value)}"`);
  }
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(String(value))) {
    report(at, `must be ${schema.description ?? schema.pattern}; it is "${String(value)}"`);
  }
  if (schema.minimum !== undefined && Number(value) < schema.minimum) {
    report(at, `must not be less than ${schema.minimum}`);
  }
}

function checkList(items: readonly unknown[], schema: Schema, at: Check): void {
  if (items.length < (schema.minItems ?? 0)) report(at, 'must not be empty');
  const { items: each } = schema;
  if (each === undefined) return;
  items.forEach((item, index) => {
    check(item, each, { ...at, path: [...at.path, index] });
  });
}

function checkMap(map: Readonly<Record<string, unknown>>, schema: Schema, at: Check): void {
  for (const name of schema.required ?? []) {
    if (map[name] === undefined) report(at, `"${name}" is missing`);
  }
  const { properties = {}, additionalProperties } = schema;
  for (const [name, value] of Object.entries(map)) {
    const inner = { ...at, path: [...at.path, name] };
    const known = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (known !== undefined && known !== false) check(value, known, inner);
    else if (known === false) {
      const message = `unknown field "${name}"; there are ${Object.keys(properties).join(', ')}`;
      at.mistakes.push({ path: inner.path, message, atKey: true });
    }
  }
}

function report({ path, mistakes }: Check, message: string): void {
  const what = path.length === 0 ? 'the file' : formatPath(path.slice(-1));
  const isSentence = message.startsWith('"');
  mistakes.push({ path, message: isSentence ? message : `${what} ${message}`, atKey: false });
}

function resolve(schema: Schema, root: Schema): Schema {
  const name = /^#\/\$defs\/(.+)$/.exec(schema.$ref ?? '')?.[1];
  if (name === undefined) return schema;
  const found = root.$defs?.[name];
  if (found === undefined) throw new Error(`the schema has no definition of ${name}`);
  return found;
}

function accepts(value: unknown): (schema: Schema) => boolean {
  return ({ type }) => {
    if (type === undefined) return true;
    const types: readonly SchemaType[] = typeof type === 'string' ? [type] : type;
    return types.some((each) => isOfType(value, each));
  };
}

function isOfType(value: unknown, type: SchemaType): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isMap(value);
    case 'integer':
      return Number.isSafeInteger(value);
    case 'null':
      return value === null;
    default:
      return typeof value === type;
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const TYPE_NAMES: Readonly<Record<SchemaType, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'nothing',
  array: 'a list',
  object: 'a map',
};

function namesOf(schema: Schema, root: Schema): string {
  const types = (schema.anyOf ?? [schema]).flatMap((each) => resolve(each, root).type ?? []);
  return [...new Set(types)].map((type) => TYPE_NAMES[type]).join(' or ');
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  return Array.isArray(value) ? 'a list' : TYPE_NAMES[typeof value as SchemaType];
}
