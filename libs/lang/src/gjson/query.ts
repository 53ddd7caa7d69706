import { compareText } from '../govalue/index.ts';
import type { Query } from './path.ts';
import { parseBoolLoosely, parseFloatLoosely, type GjsonResult } from './result.ts';
import { wildcardMatches } from './wildcard.ts';

/** Whether a found value satisfies a query's comparison; without operator it only has to exist. */
export function queryMatches(query: Query, found: GjsonResult): boolean {
  if (query.value.startsWith('~')) return looseMatches(query, found);
  if (!found.exists) return false;
  if (query.operator === '') return true;
  switch (found.type) {
    case 'string':
      return textMatches(query, found.text);
    case 'number':
      return orderMatches(query.operator, found.number, parseFloatLoosely(query.value));
    case 'true':
      return boolMatches(query, true);
    case 'false':
      return boolMatches(query, false);
    default:
      return false;
  }
}

/** `~true`, `~false`, `~null`, `~*`: what the value is like, whatever its type. */
function looseMatches(query: Query, found: GjsonResult): boolean {
  const likeness: Readonly<Record<string, () => boolean>> = {
    '~*': () => found.exists,
    '~null': () => found.type === 'null',
    '~true': () => isTrueLike(found),
    '~false': () => isFalseLike(found),
  };
  const check = likeness[query.value];
  if (check === undefined) return false;
  return query.operator === '' || boolMatches({ ...query, value: 'true' }, check());
}

function isTrueLike(found: GjsonResult): boolean {
  if (found.type === 'string') return parseBoolLoosely(found.text) === true;
  return found.type === 'true' || (found.type === 'number' && found.number !== 0);
}

function isFalseLike(found: GjsonResult): boolean {
  if (found.type === 'string') return parseBoolLoosely(found.text) === false;
  if (found.type === 'number') return found.number === 0;
  return found.type === 'null' || found.type === 'false';
}

function textMatches(query: Query, text: string): boolean {
  if (query.operator === '%') return wildcardMatches(text, query.value);
  if (query.operator === '!%') return !wildcardMatches(text, query.value);
  return orderMatches(query.operator, compareText(text, query.value), 0);
}

function orderMatches(operator: string, left: number, right: number): boolean {
  switch (operator) {
    case '=':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    default:
      return false;
  }
}

/** Booleans compare with the words `true` and `false`; false sorts before true. */
function boolMatches(query: Query, value: boolean): boolean {
  const word = String(value);
  const other = String(!value);
  switch (query.operator) {
    case '=':
      return query.value === word;
    case '!=':
      return query.value !== word;
    case '>':
      return value && query.value === other;
    case '<':
      return !value && query.value === other;
    case '>=':
      return value;
    case '<=':
      return !value;
    default:
      return false;
  }
}
