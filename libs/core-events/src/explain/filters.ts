import type { Result } from '@argosy/base';
import { gjsonGet } from '@argosy/lang';
import { isJson, type SensorEvent } from '../event/sensor-event.ts';
import { dataFilterPasses } from '../filter/data-filter.ts';
import { filtersPass } from '../filter/evaluate.ts';
import { exprFilterPasses } from '../filter/expr-filter.ts';
import type {
  ContextFilter,
  DataFilter,
  Dependency,
  ExprFilter,
  TimeFilter,
} from '../manifest/sensor.ts';

/** What became of one filter. */
export interface FilterExplanation {
  /** Its place below `filters`, such as `data[0]` or `time`. */
  readonly filter: string;
  readonly verdict: 'Passed' | 'Refused' | 'Error';
  /** A sentence with what was compared. */
  readonly why: string;
}

/** Longest value in a sentence, UTF-16 units. */
const SHOWN_UNITS_MAX = 120;

/**
 * Judges each filter of a dependency by itself, also those that the rules would not come to. What counts is
 * `filtersPass`; this says why.
 */
export function explainFilters(
  { filters = {} }: Pick<Dependency, 'filters'>,
  event: SensorEvent,
): readonly FilterExplanation[] {
  const { exprs = [], data = [], context, time, script } = filters;
  const json = event.dataText ?? '';
  const explained = [
    ...exprs.map((filter, index) => ofExpr(filter, { json, place: `exprs[${index}]` })),
    ...data.map((filter, index) => ofData(filter, { json, place: `data[${index}]` })),
  ];
  if (context !== undefined) {
    const passed = filtersPass({ filters: { context } }, event);
    explained.push(judged('context', passed, contextWhy(context, event)));
  }
  if (time !== undefined) {
    const passed = filtersPass({ filters: { time } }, event);
    explained.push(judged('time', passed, timeWhy(time, event)));
  }
  if (script !== undefined && script !== '') {
    const passed = filtersPass({ filters: { script } }, event);
    const answer = passed.ok && passed.value ? 'true' : 'something else than true';
    explained.push(judged('script', passed, `the script answered ${answer}`));
  }
  return explained;
}

interface Place {
  readonly json: string;
  readonly place: string;
}

function ofExpr(filter: ExprFilter, { json, place }: Place): FilterExplanation {
  const spared = unread(json, place);
  if (spared !== undefined) return spared;
  const values = (filter.fields ?? []).map(({ name, path }) => {
    const found = gjsonGet(json, path);
    return `${name} = ${found.exists ? shown(found.raw) : 'nothing'}`;
  });
  const among = values.length === 0 ? '' : ` with ${values.join(', ')}`;
  return judged(place, exprFilterPasses(filter, json), `${filter.expr}${among}`);
}

function ofData(filter: DataFilter, { json, place }: Place): FilterExplanation {
  const spared = unread(json, place);
  if (spared !== undefined) return spared;
  const found = gjsonGet(json, filter.path ?? '');
  const { comparator = '', value = [], template = '' } = filter;
  const left = found.exists ? shown(found.raw) : 'nothing';
  const through = template === '' ? '' : `, put through ${template},`;
  const values = value.map((text) => JSON.stringify(text)).join(' or ');
  const why = `${filter.path ?? ''} is ${left}${through} and should be ${comparator || '='} ${values} (${filter.type ?? 'no type'})`;
  return judged(place, dataFilterPasses(filter, json), why);
}

/** Without data such filters let everything pass; what is no JSON they cannot read. */
function unread(json: string, filter: string): FilterExplanation | undefined {
  if (json === '') return { filter, verdict: 'Passed', why: 'the event has no data' };
  if (isJson(json)) return undefined;
  return { filter, verdict: 'Error', why: 'the event’s data is not valid JSON' };
}

function judged(filter: string, passed: Result<boolean, string>, why: string): FilterExplanation {
  if (!passed.ok) return { filter, verdict: 'Error', why: passed.error };
  return { filter, verdict: passed.value ? 'Passed' : 'Refused', why };
}

function contextWhy(filter: ContextFilter, event: SensorEvent): string {
  const wanted = Object.entries(filter).filter(([, value]) => value !== '');
  return wanted
    .map(([name, value]) => {
      const have = event[name as keyof ContextFilter];
      return `${name} is ${JSON.stringify(have ?? '')} and should be ${JSON.stringify(value)}`;
    })
    .join(', ');
}

function timeWhy({ start, stop, timezone = '' }: TimeFilter, { time = '' }: SensorEvent): string {
  const zone = timezone === '' ? 'UTC' : timezone;
  return `the event is of ${time}, and the window is from ${start ?? ''} to ${stop ?? ''} in ${zone}`;
}

function shown(text: string): string {
  return text.length > SHOWN_UNITS_MAX ? `${text.slice(0, SHOWN_UNITS_MAX)}…` : text;
}
