import { err, ok, parseGoDuration, type Result } from '@argosy/base';
import { zoneOf } from '../gotime/index.ts';

/** The values of one field that fire; `isStar` when it was written `*` or `?` without a step. */
export interface CronField {
  readonly values: ReadonlySet<number>;
  readonly isStar: boolean;
}

/** A parsed schedule: fields of the wall clock, or a constant distance (`@every 5m`). */
export type CronSchedule =
  | {
      readonly kind: 'Fields';
      readonly second: CronField;
      readonly minute: CronField;
      readonly hour: CronField;
      readonly dayOfMonth: CronField;
      readonly month: CronField;
      readonly dayOfWeek: CronField;
      /** The zone named in the text (`CRON_TZ=`), which wins over the caller's. */
      readonly timeZone?: string;
    }
  | { readonly kind: 'Every'; readonly distanceMs: number };

/** Which texts are allowed. Defaults are those of Argo Workflows: five fields and descriptors. */
export interface CronOptions {
  /** A field for seconds comes first. Default false. */
  readonly seconds?: boolean;
  /** `@hourly`, `@every 5m` and the like are allowed. Default true; Argo Events refuses them. */
  readonly descriptors?: boolean;
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTH_NAMES = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const DAY_NAMES = 'sun mon tue wed thu fri sat'.split(' ');
const BOUNDS: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTH_NAMES },
  { min: 0, max: 6, names: DAY_NAMES },
];

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const EVERY_MS_MIN = 1000;

/**
 * Parses a cron text as robfig/cron v3: fields with lists, ranges, steps and names, `?` for `*`,
 * descriptors, and `TZ=`/`CRON_TZ=` before it. There is no `L`, `W`, `#`, `H`, nor a weekday 7.
 * @returns the library's error sentence when the text is none of these.
 */
export function parseCron(text: string, options: CronOptions = {}): Result<CronSchedule, string> {
  if (text === '') return err('empty spec string');
  const zoned = /^(?:CRON_)?TZ=(\S*)\s*/.exec(text);
  const name = zoned?.[1];
  if (name !== undefined && zoneOf(name) === undefined) {
    return err(`provided bad location ${name}: unknown time zone ${name}`);
  }
  const spec = (zoned === null ? text : text.slice(zoned[0].length)).trim();
  const parsed = spec.startsWith('@') ? descriptor(spec, options) : fields(spec, options);
  if (!parsed.ok || name === undefined || parsed.value.kind === 'Every') return parsed;
  return ok({ ...parsed.value, timeZone: name });
}

function descriptor(spec: string, options: CronOptions): Result<CronSchedule, string> {
  if (options.descriptors === false) {
    return err(`parser does not accept descriptors: ${spec}`);
  }
  const standard = DESCRIPTORS[spec];
  if (standard !== undefined) return fields(standard, {});
  if (!spec.startsWith('@every ')) return err(`unrecognized descriptor: ${spec}`);
  const distance = parseGoDuration(spec.slice('@every '.length));
  if (!distance.ok) return err(`failed to parse duration ${spec}: ${distance.error}`);
  const wholeMs = Math.floor(distance.value / EVERY_MS_MIN) * EVERY_MS_MIN;
  return ok({ kind: 'Every', distanceMs: Math.max(EVERY_MS_MIN, wholeMs) });
}

/** There are six bounds, so six fields. */
type SixFields = [CronField, CronField, CronField, CronField, CronField, CronField];

function fields(spec: string, options: CronOptions): Result<CronSchedule, string> {
  const words = spec.split(/\s+/).filter((word) => word !== '');
  const wanted = options.seconds === true ? 6 : 5;
  if (words.length !== wanted) {
    return err(`expected exactly ${wanted} fields, found ${words.length}: [${words.join(' ')}]`);
  }
  const texts = options.seconds === true ? words : ['0', ...words];
  const parsed: CronField[] = [];
  for (const [index, bounds] of BOUNDS.entries()) {
    const field = fieldOf(texts[index] ?? '', bounds);
    if (!field.ok) return field;
    parsed.push(field.value);
  }
  const [second, minute, hour, dayOfMonth, month, dayOfWeek] = parsed as SixFields;
  return ok({ kind: 'Fields', second, minute, hour, dayOfMonth, month, dayOfWeek });
}

function fieldOf(text: string, bounds: Bounds): Result<CronField, string> {
  const values = new Set<number>();
  let isStar = false;
  for (const part of text.split(',').filter((item) => item !== '')) {
    const range = rangeOf(part, bounds);
    if (!range.ok) return range;
    const { from, to, step } = range.value;
    isStar ||= range.value.isStar;
    for (let value = from; value <= to; value += step) values.add(value);
  }
  return ok({ values, isStar });
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly isStar: boolean;
}

function rangeOf(text: string, bounds: Bounds): Result<Range, string> {
  const [span = '', stepText, ...extra] = text.split('/');
  if (extra.length > 0) return err(`too many slashes: ${text}`);
  const ends = endsOf(span, bounds, text);
  if (!ends.ok) return ends;
  const step = stepText === undefined ? ok(1) : wholeNumber(stepText, stepText);
  if (!step.ok) return step;
  const { from, isStar } = ends.value;
  // "N/step" means from N to the end of the field.
  const to = stepText !== undefined && !span.includes('-') ? bounds.max : ends.value.to;
  const problem = rangeProblem({ from, to, step: step.value }, bounds);
  if (problem !== undefined) return err(`${problem}: ${text}`);
  return ok({ from, to, step: step.value, isStar: isStar && step.value === 1 });
}

function endsOf(span: string, bounds: Bounds, text: string): Result<Omit<Range, 'step'>, string> {
  const [first = '', second, ...extra] = span.split('-');
  if (first === '*' || first === '?') return ok({ from: bounds.min, to: bounds.max, isStar: true });
  const from = valueOf(first, bounds, first);
  if (!from.ok) return from;
  if (second === undefined) return ok({ from: from.value, to: from.value, isStar: false });
  if (extra.length > 0) return err(`too many hyphens: ${text}`);
  const to = valueOf(second, bounds, second);
  return to.ok ? ok({ from: from.value, to: to.value, isStar: false }) : to;
}

function rangeProblem(range: Omit<Range, 'isStar'>, bounds: Bounds): string | undefined {
  const { from, to, step } = range;
  if (from < bounds.min) return `beginning of range (${from}) below minimum (${bounds.min})`;
  if (to > bounds.max) return `end of range (${to}) above maximum (${bounds.max})`;
  if (from > to) return `beginning of range (${from}) beyond end of range (${to})`;
  return step === 0 ? 'step of range should be a positive number' : undefined;
}

function valueOf(text: string, bounds: Bounds, range: string): Result<number, string> {
  const index = bounds.names?.indexOf(text.toLowerCase()) ?? -1;
  return index >= 0 ? ok(index + bounds.min) : wholeNumber(text, range);
}

function wholeNumber(text: string, range: string): Result<number, string> {
  if (/^\+?\d+$/.test(text)) return ok(Number(text));
  if (/^-\d+$/.test(text)) return err(`negative number (${text}) not allowed: ${range}`);
  return err(
    `failed to parse int from ${range}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}
