/**
 * The type of a field, written as text in the schema tables:
 * `text` a string, scalars become text · `scalar` the same, for values of parameters ·
 * `boolean` · `integer` · `number` · `intOrText` · `quantity` of a resource (`0.5`, `200m`) ·
 * `time` RFC 3339 text ·
 * `any` any JSON · `object` any JSON object · `Name` a table ·
 * `[T]` a list of T · `{T}` a map from text to T.
 * A `!` at the end: what is absent becomes Go's zero value (empty text, an empty list …).
 */
export type FieldType =
  | { readonly kind: 'Scalar'; readonly of: ScalarType; readonly notation: ScalarNotation }
  | { readonly kind: 'Any' }
  | { readonly kind: 'Object' }
  | { readonly kind: 'List'; readonly item: FieldType }
  | { readonly kind: 'Map'; readonly value: FieldType }
  | { readonly kind: 'Table'; readonly name: string };

export type ScalarType = 'text' | 'boolean' | 'integer' | 'number' | 'intOrText';

/** Field name → type, for one kind of object. */
export type FieldTable = Readonly<Record<string, string>>;

/** How a scalar is written in the tables; several read alike, yet say more to a person. */
export type ScalarNotation = ScalarType | 'scalar' | 'time' | 'quantity';

const SCALARS: Readonly<Record<ScalarNotation, ScalarType>> = {
  text: 'text',
  scalar: 'text',
  time: 'text',
  boolean: 'boolean',
  integer: 'integer',
  number: 'number',
  intOrText: 'intOrText',
  quantity: 'intOrText',
};

/** Reads the notation above. Table names are not checked here; a test checks them all. */
export function parseFieldType(text: string): FieldType {
  const inner = text.slice(1, -1);
  if (text.startsWith('[')) return { kind: 'List', item: parseFieldType(inner) };
  if (text.startsWith('{')) return { kind: 'Map', value: parseFieldType(inner) };
  if (text === 'any') return { kind: 'Any' };
  if (text === 'object') return { kind: 'Object' };
  if (!isScalarNotation(text)) return { kind: 'Table', name: text };
  return { kind: 'Scalar', of: SCALARS[text], notation: text };
}

function isScalarNotation(text: string): text is ScalarNotation {
  return Object.hasOwn(SCALARS, text);
}
