import { goTypeName, isList, isMap, type ExprMap } from './value.ts';

/**
 * Readers of built-in functions' arguments. Each throws an `Error` that names the type found, which
 * the caller turns into a located `LangFailure`.
 */
export function textArgument(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw new Error(`invalid argument for ${name}: expected string, got ${goTypeName(value)}`);
}

/** An int; a float is refused, as Go's function signatures do. */
export function integerArgument(value: unknown, name: string): bigint {
  if (typeof value === 'bigint') return value;
  throw new Error(`invalid argument for ${name}: expected int, got ${goTypeName(value)}`);
}

/** A list. */
export function listArgument(value: unknown, name: string): readonly unknown[] {
  if (isList(value)) return value;
  throw new Error(`cannot ${name} ${goTypeName(value)}`);
}

/** A map. */
export function mapArgument(value: unknown, name: string): ExprMap {
  if (isMap(value)) return value;
  throw new Error(`cannot ${name} from ${goTypeName(value)}`);
}
