import type { Item, Sequence } from '../types/control.ts';
import { below, type Site, type Validation } from './context.ts';
import type { VariableScope } from './scope.ts';

interface Loop {
  readonly withItems?: readonly Item[];
  readonly withParam?: string;
  readonly withSequence?: Sequence;
}

/** True when the step or task is repeated for each item. */
export function isExpanded(loop: Loop): boolean {
  const hasItems = loop.withItems !== undefined && loop.withItems.length > 0;
  return hasItems || (loop.withParam ?? '') !== '' || loop.withSequence !== undefined;
}

/** At most one kind of loop, well-formed; makes `item` and its fields known. */
export function checkLoop(
  validation: Validation,
  site: Site,
  loop: Loop,
  scope: VariableScope,
): void {
  const { withItems, withParam, withSequence } = loop;
  const given = [withItems, withParam, withSequence].filter(
    (part) => part !== undefined && part !== '',
  );
  if (given.length > 1) {
    validation.report(site, 'only one of withItems, withParam, withSequence can be specified');
  }
  if (withParam !== undefined && withParam !== '') scope.addPrefix('item');
  if (withSequence !== undefined) {
    checkSequence(validation, below(site, '', 'withSequence'), withSequence);
    scope.add('item');
  }
  addItems(scope, withItems ?? []);
}

function addItems(scope: VariableScope, items: readonly Item[]): void {
  for (const item of items) {
    scope.add('item');
    if (typeof item !== 'object' || item === null) continue;
    if (Array.isArray(item)) scope.addPrefix('item');
    else for (const field of Object.keys(item)) scope.add(`item.${field}`);
  }
}

function checkSequence(validation: Validation, site: Site, sequence: Sequence): void {
  const { count, end } = sequence;
  if (count !== undefined && end !== undefined) {
    validation.report(site, 'only one of count or end can be defined in withSequence', 'end');
  }
  if (count === undefined && end === undefined) {
    validation.report(site, 'must have at least one of count or end in withSequence');
  }
  for (const field of ['count', 'start', 'end'] as const) {
    const value = sequence[field];
    if (typeof value !== 'string' || value.includes('{{')) continue;
    if (/^[-+]?\d+$/.test(value)) continue;
    const message = `withSequence.${field} must be a whole number, but is '${value}'`;
    validation.report(site, message, field);
  }
}
