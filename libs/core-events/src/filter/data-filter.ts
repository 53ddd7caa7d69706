import { assertNever, err, ok, type Result } from '@argosy/base';
import { gjsonGet, renderGoTemplate, sprigFunctions, type GjsonResult } from '@argosy/lang';
import type { Comparator, DataFilter } from '../manifest/sensor.ts';
import { textMatches } from './text-match.ts';

/** What Go prints for a missing value in a template. */
const NO_VALUE = '<no value>';

/** What a filter compares: the found value, or the text a template made of it. */
type Subject = Pick<GjsonResult, 'text' | 'number' | 'bool'>;

/** Compares the value at the filter's path with its values; one that matches is enough. */
export function dataFilterPasses(filter: DataFilter, json: string): Result<boolean, string> {
  const path = filter.path ?? '';
  if (path === '') return err('path must not be empty');
  const found = gjsonGet(json, path);
  if (!found.exists) return err(`path '${path}' does not exist`);
  const subject = templated(filter.template ?? '', found);
  return subject.ok ? compare(filter, subject.value) : subject;
}

function templated(template: string, found: GjsonResult): Result<Subject, string> {
  if (template === '') return ok(found);
  const rendered = renderGoTemplate(template, { Input: found.text }, { functions: sprigFunctions });
  if (!rendered.ok) return err(rendered.error.message);
  if (rendered.value === '' || rendered.value === NO_VALUE) {
    return err(`template evaluated to empty string or no value: "${template}"`);
  }
  return ok(gjsonGet(JSON.stringify([rendered.value]), '0'));
}

function compare(filter: DataFilter, subject: Subject): Result<boolean, string> {
  const values = filter.value ?? [];
  const comparator = filter.comparator ?? '';
  switch (filter.type) {
    case 'bool':
      return anyOf(values, (value) => boolMatches(value, subject.bool));
    case 'number':
      return anyOf(values, (value) => numberMatches(value, subject.number, comparator));
    case 'string':
      return anyOf(values, (value) => stringMatches(value, subject.text, comparator));
    default:
      return err(`unsupported JSON type ${filter.type ?? ''}`);
  }
}

/** True when one value matches; a value that cannot be compared is an error unless one came before. */
function anyOf(
  values: readonly string[],
  matches: (value: string) => Result<boolean, string>,
): Result<boolean, string> {
  for (const value of values) {
    const result = matches(value);
    if (!result.ok || result.value) return result;
  }
  return ok(false);
}

const TRUE_WORDS = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE_WORDS = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

function boolMatches(value: string, found: boolean): Result<boolean, string> {
  if (TRUE_WORDS.has(value)) return ok(found);
  if (FALSE_WORDS.has(value)) return ok(!found);
  return err(`strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`);
}

function numberMatches(
  value: string,
  found: number,
  comparator: Comparator,
): Result<boolean, string> {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value)) {
    return err(`strconv.ParseFloat: parsing ${JSON.stringify(value)}: invalid syntax`);
  }
  return ok(compareNumbers(comparator, found, Number(value)));
}

function compareNumbers(comparator: Comparator, found: number, value: number): boolean {
  switch (comparator) {
    case '':
    case '=':
      return found === value;
    case '!=':
      return found !== value;
    case '>':
      return found > value;
    case '>=':
      return found >= value;
    case '<':
      return found < value;
    case '<=':
      return found <= value;
    default:
      return assertNever(comparator);
  }
}

/** Values are unanchored RE2 expressions; comparators of order never match on text. */
function stringMatches(
  value: string,
  found: string,
  comparator: Comparator,
): Result<boolean, string> {
  const matched = textMatches(value, found);
  if (!matched.ok) return matched;
  if (comparator === '!=') return ok(!matched.value);
  return ok(matched.value && (comparator === '' || comparator === '='));
}
