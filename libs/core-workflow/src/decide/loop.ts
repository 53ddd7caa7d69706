import { err, ok, type Result } from '@argosy/base';
import { goPrintf } from '@argosy/lang';
import type { CallPlan, LoopPlan } from '../plan/call.ts';
import { renderTagged } from '../plan/tagged.ts';
import { renderText, type Text } from '../plan/text.ts';
import { canonicalJson, itemLabel } from '../scope/item.ts';
import type { VariableScope } from '../scope/variables.ts';
import { renderReference } from './references.ts';

/** Rounds one loop may have. */
const LOOP_ITEMS_MAX = 1_000_000;

/** The items of a loop, each as JSON text. */
export function expandLoop(
  loop: LoopPlan,
  scope: VariableScope,
): Result<readonly string[], string> {
  switch (loop.kind) {
    case 'Items': {
      const items = renderTagged(loop.items, scope);
      if (!items.ok) return items;
      return ok((items.value as readonly unknown[]).map(canonicalJson));
    }
    case 'Param':
      return expandParam(loop.text, scope);
    case 'Sequence':
      return expandSequence(loop, scope);
  }
}

/** The node name of one round: `name(0:item)`. */
export function roundLabel(call: CallPlan, index: number, item: string): string {
  return `${call.name}(${index}:${itemLabel(item)})`;
}

function expandParam(text: Text, scope: VariableScope): Result<readonly string[], string> {
  const rendered = renderReference(text, scope);
  if (!rendered.ok) return rendered;
  const parsed = parseJson(rendered.value);
  if (!Array.isArray(parsed)) {
    const shown = rendered.value.trim();
    return err(`withParam value could not be parsed as a JSON list: ${shown}`);
  }
  if (parsed.length > LOOP_ITEMS_MAX) return err(tooMany(parsed.length));
  return ok(parsed.map(canonicalJson));
}

type SequencePlan = Extract<LoopPlan, { kind: 'Sequence' }>;

function expandSequence(
  loop: SequencePlan,
  scope: VariableScope,
): Result<readonly string[], string> {
  const range = rangeOf(loop, scope);
  if (!range.ok) return range;
  const { first, last } = range.value;
  if (range.value.isEmpty) return ok([]);
  const length = Math.abs(last - first) + 1;
  if (length > LOOP_ITEMS_MAX) return err(tooMany(length));
  const step = last < first ? -1 : 1;
  const { format } = loop;
  const items: string[] = [];
  for (let index = 0; index < length; index += 1) {
    const number = first + index * step;
    // Digits need no escaping.
    if (format === undefined) items.push(`"${number}"`);
    else items.push(JSON.stringify(goPrintf(format, BigInt(number))));
  }
  return ok(items);
}

interface Range {
  readonly first: number;
  readonly last: number;
  readonly isEmpty: boolean;
}

/** `count` numbers from `start`, or from `start` to `end`, downwards when the end is lower. */
function rangeOf(loop: SequencePlan, scope: VariableScope): Result<Range, string> {
  const start = integerOf(loop.start, scope, 'start');
  if (!start.ok) return start;
  const count = integerOf(loop.count, scope, 'count');
  if (!count.ok) return count;
  const end = integerOf(loop.end, scope, 'end');
  if (!end.ok) return end;
  const first = start.value ?? 0;
  if (count.value !== undefined) {
    return ok({ first, last: first + count.value - 1, isEmpty: count.value <= 0 });
  }
  if (end.value !== undefined) return ok({ first, last: end.value, isEmpty: false });
  return err("must have 'count' or 'end' defined in withSequence");
}

function integerOf(
  text: Text | undefined,
  scope: VariableScope,
  field: string,
): Result<number | undefined, string> {
  if (text === undefined) return ok(undefined);
  const rendered = renderText(text, scope, true);
  if (!rendered.ok) return rendered;
  const trimmed = rendered.value.trim();
  if (!/^[+-]?\d{1,15}$/.test(trimmed)) {
    return err(`withSequence.${field} '${rendered.value}' is not an integer`);
  }
  return ok(Number(trimmed));
}

function tooMany(count: number): string {
  return `a loop of ${count} items is over the limit of ${LOOP_ITEMS_MAX}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
