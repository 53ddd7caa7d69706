import type { FieldPath } from '@argosy/model';
import { isTimeZone } from '@argosy/lang';
import { secondOfDay } from '../filter/time-filter.ts';
import { fieldsOf, isGiven, listOf, textOf, type Fields, type Report } from './report.ts';

const OPERATORS = new Set(['', 'and', 'or']);
const COMPARATORS = new Set(['', '=', '!=', '>', '>=', '<', '<=']);

/** Reports an operator that is neither empty, `and` nor `or` (lower case). */
export function checkOperator(report: Report, value: unknown, path: FieldPath): void {
  const operator = textOf(value);
  if (!OPERATORS.has(operator)) {
    report.error(`logical operator ${operator} not supported; use "and" or "or"`, path);
  }
}

/** Checks a dependency's filters as Argo Events does: not the expressions themselves. */
export function checkFilters(report: Report, filters: Fields, path: FieldPath): void {
  checkOperator(report, filters['exprLogicalOperator'], [...path, 'exprLogicalOperator']);
  checkOperator(report, filters['dataLogicalOperator'], [...path, 'dataLogicalOperator']);
  listOf(filters['exprs']).forEach((filter, index) =>
    checkExpr(report, fieldsOf(filter), [...path, 'exprs', index]),
  );
  listOf(filters['data']).forEach((filter, index) =>
    checkData(report, fieldsOf(filter), [...path, 'data', index]),
  );
  if (isGiven(filters['context'])) {
    checkContext(report, fieldsOf(filters['context']), [...path, 'context']);
  }
  if (isGiven(filters['time'])) checkTime(report, fieldsOf(filters['time']), [...path, 'time']);
}

function checkExpr(report: Report, filter: Fields, path: FieldPath): void {
  const fields = listOf(filter['fields']).map(fieldsOf);
  if (textOf(filter['expr']) === '' || fields.length === 0) {
    report.error('one of expr filters is not valid (expr and fields must be not empty)', path);
  }
  fields.forEach((field, index) => {
    if (textOf(field['path']) !== '' && textOf(field['name']) !== '') return;
    const sentence =
      'one of expr filters is not valid (path and name in a field must be not empty)';
    report.error(sentence, [...path, 'fields', index]);
  });
}

function checkData(report: Report, filter: Fields, path: FieldPath): void {
  const comparator = textOf(filter['comparator']);
  if (!COMPARATORS.has(comparator)) {
    report.error(`comparator ${comparator} not supported`, [...path, 'comparator']);
  }
  const isComplete =
    textOf(filter['path']) !== '' &&
    textOf(filter['type']) !== '' &&
    listOf(filter['value']).length > 0;
  if (!isComplete) {
    report.error('one of data filters is not valid (type, path and value must be not empty)', path);
  }
}

function checkContext(report: Report, filter: Fields, path: FieldPath): void {
  const names = ['type', 'subject', 'source', 'datacontenttype'];
  if (names.some((name) => textOf(filter[name]) !== '')) return;
  report.error('no fields specified in ctx filter (aka all events will be discarded)', path);
}

function checkTime(report: Report, filter: Fields, path: FieldPath): void {
  const zone = textOf(filter['timezone']);
  if (!isTimeZone(zone)) report.error(`invalid timezone '${zone}'`, [...path, 'timezone']);
  const [start, stop] = ['start', 'stop'].map((name) => {
    const second = secondOfDay(textOf(filter[name]));
    if (!second.ok) report.error(`invalid ${name} time: ${second.error}`, [...path, name]);
    return second.ok ? second.value : undefined;
  });
  if (start !== undefined && start === stop) {
    report.error('invalid event time filter: stop must not be equal to start', path);
  }
}
