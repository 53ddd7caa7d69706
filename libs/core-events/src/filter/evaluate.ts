import { err, ok, type Result } from '@argosy/base';
import { isJson, type SensorEvent } from '../event/sensor-event.ts';
import type {
  ContextFilter,
  Dependency,
  DependencyFilters,
  LogicalOperator,
} from '../manifest/sensor.ts';
import { dataFilterPasses } from './data-filter.ts';
import { exprFilterPasses } from './expr-filter.ts';
import { scriptPasses } from './script-filter.ts';
import { timeFilterPasses } from './time-filter.ts';

const SEPARATOR = ' / ';
const NOT_JSON = 'event data not valid JSON';

/** A list of filters of one kind: how one is judged, and how the kind names itself in errors. */
interface FilterList<F> {
  readonly label: 'expr' | 'data';
  readonly filters: readonly F[];
  readonly operator: LogicalOperator;
  readonly passes: (filter: F, json: string) => Result<boolean, string>;
}

/**
 * Judges a list. `and` stops at the first false or error. `or` remembers errors: a later match wins
 * without error, else all errors are reported together.
 */
function listPasses<F>(list: FilterList<F>, event: SensorEvent): Result<boolean, string> {
  const { label, filters, operator } = list;
  const json = event.dataText ?? '';
  if (filters.length === 0 || json === '') return ok(true);
  if (!isJson(json)) return err(`${label} filter error (${NOT_JSON})`);
  if (operator === 'or') return anyPasses(list, json);
  for (const filter of filters) {
    const result = list.passes(filter, json);
    if (!result.ok) return err(`${label} filter error (${result.error})`);
    if (!result.value) return ok(false);
  }
  return ok(true);
}

function anyPasses<F>(list: FilterList<F>, json: string): Result<boolean, string> {
  const errors: string[] = [];
  for (const filter of list.filters) {
    const result = list.passes(filter, json);
    if (!result.ok) errors.push(result.error);
    else if (result.value) return ok(true);
  }
  if (errors.length === 0) return ok(false);
  return err(`${list.label} filter errors [${errors.join(SEPARATOR)}]`);
}

/** Exact comparison of the attributes that the filter names. */
function contextPasses(filter: ContextFilter, event: SensorEvent): boolean {
  const pairs: readonly (readonly [string | undefined, string | undefined])[] = [
    [filter.type, event.type],
    [filter.subject, event.subject],
    [filter.source, event.source],
    [filter.datacontenttype, event.datacontenttype ?? 'application/json'],
  ];
  return pairs.every(([want, have]) => want === undefined || want === '' || want === have);
}

function labelled(label: string, result: Result<boolean, string>): Result<boolean, string> {
  return result.ok ? result : err(`${label} filter error (${result.error})`);
}

/** The kinds of filter that are present, in the order in which they are judged. */
function* judgements(
  filters: DependencyFilters,
  event: SensorEvent,
): Generator<Result<boolean, string> & { readonly isScript?: boolean }> {
  if (filters.exprs !== undefined) {
    const operator = filters.exprLogicalOperator ?? '';
    const list = { label: 'expr', filters: filters.exprs, operator } as const;
    yield listPasses({ ...list, passes: exprFilterPasses }, event);
  }
  if (filters.data !== undefined) {
    const operator = filters.dataLogicalOperator ?? '';
    const list = { label: 'data', filters: filters.data, operator } as const;
    yield listPasses({ ...list, passes: dataFilterPasses }, event);
  }
  if (filters.context !== undefined) yield ok(contextPasses(filters.context, event));
  if (filters.time !== undefined) {
    yield labelled('time', timeFilterPasses(filters.time, event.time ?? ''));
  }
  if (filters.script !== undefined && filters.script !== '') {
    yield { ...labelled('script', scriptPasses(filters.script, event)), isScript: true };
  }
}

/**
 * Whether an event passes a dependency's filters. Under `and` (and '') every kind is judged and the
 * first error is reported. Under `or` one kind that passes is enough, but an error of any kind rejects
 * the event all the same, as Argo Events does (its documentation promises otherwise). A script that
 * fails rejects at once.
 */
export function filtersPass(
  dependency: Pick<Dependency, 'filters' | 'filtersLogicalOperator'>,
  event: SensorEvent,
): Result<boolean, string> {
  if (dependency.filters === undefined) return ok(true);
  const isOr = dependency.filtersLogicalOperator === 'or';
  const errors: string[] = [];
  let passes = !isOr;
  for (const result of judgements(dependency.filters, event)) {
    if (!result.ok) {
      if (!isOr || result.isScript === true) return err(result.error);
      errors.push(result.error);
    } else if (isOr) passes ||= result.value;
    else passes &&= result.value;
  }
  return errors.length > 0 ? err(errors.join(SEPARATOR)) : ok(passes);
}
