// Hostile texts in every small language: each must end, with a value or an error, in bounded time and
// without throwing. Time is that of this process (CPU), so that a busy machine does not matter. Leaves out
// what the languages mean, and bounds that a language's own tests already state.
import { describe, expect, it } from 'vitest';
import {
  compileExpr,
  evaluateExpr,
  evaluateWhen,
  findJsonPath,
  gjsonGet,
  goPrintf,
  nextFireMs,
  parseCron,
  parseGoTime,
  parseLabelSelector,
  parseTemplate,
  printJsonPath,
  queryJsonPath,
  renderGoTemplate,
  runJq,
  runLua,
  sjsonSet,
  sprigFunctions,
  zoneOf,
} from './index.ts';

/** Far above what the slowest takes, far below what a missing bound would take. */
const CPU_MS_MAX = 15_000;
/** For vitest: a machine may have much else to do. */
const TIMEOUT_MS = 120_000;

type Attack = readonly [text: string, outcome: string];

function outcomeOf(work: () => unknown): string {
  const before = process.cpuUsage();
  const result = work() as { readonly ok?: boolean; readonly error?: { readonly kind?: string } };
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(CPU_MS_MAX);
  if (typeof result !== 'object' || result === null || result.ok !== false) return 'value';
  return result.error?.kind ?? 'error';
}

const many = (text: string, count: number): string => text.repeat(count);

const expr = (source: string): unknown => {
  const program = compileExpr(source);
  return program.ok ? evaluateExpr(program.value, {}) : program;
};

describe('expr', () => {
  it.each<Attack>([
    [many('(', 90_000), 'Limit'],
    [`${many('!', 99_000)}true`, 'Limit'],
    ['map(1..1000, map(1..1000, map(1..1000, #)))', 'Limit'],
    ['reduce(1..30, [#acc, #acc], [1])', 'Limit'],
    ['toJSON(reduce(1..30, [#acc, #acc], [1]))', 'Limit'],
    ['string(reduce(1..30, [[#acc], #acc], [1]))', 'Limit'],
    ['reduce(1..30, [#acc, #acc], [1]) == reduce(1..30, [#acc, #acc], [1])', 'Limit'],
    ['flatten(reduce(1..30, [#acc, #acc], [1]))', 'Limit'],
    ['toJSON(reduce(1..200000, [#acc], []))', 'Limit'],
    ['map(1..1000, len(split(repeat("a,", 100000), ",")))', 'Limit'],
    ['map(1..10000, indexOf(repeat("a", 1000000), "b"))', 'Limit'],
    ['map(1..100000, toBase64(repeat("a", 1000000)))', 'Limit'],
    ['map(1..100000, upper(repeat("a", 1000000)))', 'Limit'],
    ['count(1..100000, repeat("a", 1000000) contains "ab")', 'Limit'],
    ['let a = 1..100000; count(a, # + 200000 in a)', 'Limit'],
    ['repeat("a", 100000) + "!" matches "^(a+)+$"', 'value'],
    ['trim(repeat(" ", 400000) + "a" + repeat(" ", 400000) + "b")', 'value'],
    ['sprig.until(1000000000)', 'Evaluation'],
    ['sprig.repeat(1000000000, "x")', 'Evaluation'],
    ['fromJSON(repeat("[", 500000))', 'Evaluation'],
    ['10 ** 100000', 'value'],
  ])(
    '%#: ends',
    (source, outcome) => {
      expect(outcomeOf(() => expr(source))).toBe(outcome);
    },
    TIMEOUT_MS,
  );
});

describe('conditions (govaluate)', () => {
  it.each<Attack>([
    [many('(', 400_000), 'Syntax'],
    [`${many('(', 100_000)}1${many(')', 100_000)} == 1`, 'Limit'],
    [`${many('!', 400_000)}true`, 'Syntax'],
    [`1${many(' + 1', 100_000)} == 1`, 'Limit'],
    [many('true ? ', 50_000), 'Syntax'],
    [`'${many('a', 100_000)}!' =~ '^(a+)+$'`, 'value'],
    [many('\\', 400_000), 'Syntax'],
    [many('[', 400_000), 'Syntax'],
    [many(' ', 900_000), 'Syntax'],
  ])(
    '%#: end',
    (source, outcome) => {
      expect(outcomeOf(() => evaluateWhen(source))).toBe(outcome);
    },
    TIMEOUT_MS,
  );
});

describe('Go templates with sprig', () => {
  const double = '{{$l := list 1}}{{range until 40}}{{$l = list $l $l}}{{end}}';
  it.each<Attack>([
    [many('{{if true}}', 90_000), 'Limit'],
    [`{{${many('(', 300_000)}}}`, 'Limit'],
    ['{{define "a"}}{{template "a"}}{{template "a"}}{{end}}{{template "a"}}', 'Limit'],
    ['{{range until 1000000}}{{range until 1000000}}x{{end}}{{end}}', 'Limit'],
    ['{{repeat 1000000000 "x"}}', 'Evaluation'],
    ['{{range until 100000}}{{if contains "b" (repeat 4000000 "x")}}{{end}}{{end}}', 'Limit'],
    [`${double}{{$l}}`, 'Limit'],
    [`${double}{{toJson $l}}`, 'Limit'],
    [`${double}{{deepCopy $l}}`, 'Limit'],
    ['{{$d := dict}}{{$x := set $d "d" $d}}{{$d}}', 'Limit'],
    ['{{$d := dict}}{{$x := set $d "d" $d}}{{toJson $d}}', 'Limit'],
    ['{{$l := list 1}}{{range until 40}}{{$l = concat $l $l}}{{end}}{{len $l}}', 'Limit'],
    ['{{$l := list}}{{range until 100000}}{{$l = append $l .}}{{end}}{{len $l}}', 'Limit'],
    ['{{range until 10000}}{{$x := sortAlpha (until 100000)}}{{end}}', 'Limit'],
    ['{{range until 1000}}{{$x := splitList "a" (repeat 1000000 "a")}}{{end}}', 'Limit'],
    ['{{len (regexReplaceAll "a" (repeat 1000000 "a") (repeat 1000 "b"))}}', 'Evaluation'],
    ['{{len (uniq (until 300000))}}', 'value'],
    ['{{semverCompare (repeat 200000 "1 - ") "1.0.0"}}', 'Evaluation'],
    ['{{untilStep 0 1000000000 1}}', 'Evaluation'],
    ['{{fromJson (repeat 1000000 "[")}}', 'value'],
  ])(
    '%#: end',
    (source, outcome) => {
      const options = { functions: sprigFunctions };
      expect(outcomeOf(() => renderGoTemplate(source, {}, options))).toBe(outcome);
    },
    TIMEOUT_MS,
  );
});

describe('Lua', () => {
  it.each<Attack>([
    ['while true do end', 'Limit'],
    ['for i = 1, 1e18 do end', 'Limit'],
    ['function f() return f() + 1 end f()', 'Evaluation'],
    ['while true do pcall(function() while true do end end) end', 'Limit'],
    ['local s = "x" while true do s = s .. s end', 'Evaluation'],
    ['return string.rep("x", 1e10)', 'Evaluation'],
    ['for i = 1, 1e6 do string.reverse(string.rep("a", 1e6)) end', 'Limit'],
    ['for i = 1, 1e6 do string.gsub(string.rep("a", 1e5), "a", "b") end', 'Limit'],
    ['return string.find(string.rep("a", 10000), ".-.-.-.-.-.-b")', 'Evaluation'],
    ['local t = {} for i = 1, 200000 do table.insert(t, 1, i) end', 'Limit'],
    ['local t = {1} for i = 1, 40 do t = {t, t} end return t', 'Limit'],
    ['local t = {} t.t = t return t', 'Limit'],
    ['return {string.byte(string.rep("a", 1e6), 1, -1)}', 'Evaluation'],
    ['local t = {} for i = 1, 50000 do t[i] = i end for i = 1, 50000 do next(t, i) end', 'Limit'],
    [`return ${many('(', 300_000)}`, 'Limit'],
  ])(
    '%#: ends',
    (source, outcome) => {
      expect(outcomeOf(() => runLua(source))).toBe(outcome);
    },
    TIMEOUT_MS,
  );
});

describe('jq', () => {
  it.each<Attack>([
    ['[recurse(.)] | length', 'Limit'],
    ['[recurse([.])] | length', 'Limit'],
    ['[range(1e12)] | length', 'Limit'],
    ['[repeat(1)]', 'Limit'],
    ['until(false; .)', 'Limit'],
    ['"x" * 1e9', 'Limit'],
    ['reduce range(100) as $i ("x"; . + .)', 'Limit'],
    ['[range(1000) as $a | range(1000) as $b | range(1000) as $c | 1]', 'Limit'],
    [many('(', 50_000), 'Limit'],
    ['"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!" | test("^(a+)+$")', 'value'],
  ])(
    '%#: ends',
    (source, outcome) => {
      expect(['Syntax', outcome]).toContain(outcomeOf(() => runJq(source, 1)));
    },
    TIMEOUT_MS,
  );
});

describe('paths, formats, schedules and selectors', () => {
  const nested = many('[', 100_000);
  it.each<readonly [string, () => unknown]>([
    ['gjson, a deep text', () => gjsonGet(nested, many('0.', 100_000))],
    ['gjson, deep restructuring', () => gjsonGet(nested, '@flatten:{"deep":true}')],
    ['gjson, deep printing', () => gjsonGet(nested, '@pretty')],
    ['gjson, growing texts', () => gjsonGet('"\\"\\""', `${many('@tostr|', 60)}@tostr`)],
    ['gjson, growing lists', () => gjsonGet('{"a":1}', `${many('[@this,@this]|', 40)}@this`)],
    ['gjson, wildcards', () => gjsonGet(`{"${many('a', 5000)}":1}`, `${many('*a', 2500)}b`)],
    ['sjson, a long path', () => sjsonSet('{}', `${many('a.', 200_000)}a`, 1)],
    ['sjson, a far index', () => sjsonSet('{}', 'a.999999999', 1)],
    ['JSONPath, descents', () => queryJsonPath(`$${many('..*', 50)}`, { a: { a: { a: [1, 2] } } })],
    ['JSONPath, parentheses', () => queryJsonPath(`$[?(${many('(', 9000)}`, [1])],
    ['JSONPath, step 0', () => queryJsonPath('$[::0]', [1])],
    ['JSONPath of Kubernetes, a long path', () => findJsonPath(`{${many('.a', 1_000_000)}}`, {})],
    ['JSONPath of Kubernetes, ranges', () => printJsonPath(many('{range .items[*]}', 20), {})],
    ['printf, a width', () => goPrintf('%999999999d', 1n)],
    [
      'printf, many widths',
      () => goPrintf(many('%999999d', 1000), ...Array<bigint>(1000).fill(1n)),
    ],
    ['printf, digits without end', () => goPrintf(`%${many('9', 1_000_000)}d`, 1n)],
    ['cron, a list', () => parseCron(`${many('1,', 300_000)}1 * * * *`)],
    ['labels, many', () => parseLabelSelector(many('a=b,', 100_000))],
    ['labels, dashes', () => parseLabelSelector(`${many('a-', 100_000)}/b=c`)],
    ['labels, parentheses', () => parseLabelSelector(`a in ${many('(', 200_000)}`)],
    ['tags, open', () => parseTemplate(many('{{', 500_000))],
    ['tags, nested', () => parseTemplate(`${many('{{', 100_000)}a${many('}}', 100_000)}`)],
    ['tags, mixed', () => parseTemplate(many('{{a{{=b}}', 100_000))],
  ])(
    '%s: ends',
    (_name, work) => {
      expect(['value', 'error', 'Limit', 'Syntax', 'Evaluation']).toContain(outcomeOf(work));
    },
    TIMEOUT_MS,
  );

  it('a schedule that never fires is known to', () => {
    const schedule = parseCron('0 0 30 2 *');
    expect(schedule.ok && outcomeOf(() => nextFireMs(schedule.value, 0, 'UTC'))).toBe('value');
    expect(schedule.ok && nextFireMs(schedule.value, 0, 'UTC')).toBeUndefined();
    expect(schedule.ok && nextFireMs(schedule.value, 8.64e15, 'UTC')).toBeUndefined();
  });

  it('a layout of times is bounded', () => {
    const zone = zoneOf('UTC');
    const layout = many('Jan ', 200_000);
    expect(zone !== undefined && outcomeOf(() => parseGoTime(layout, layout, zone))).toBe('error');
  });

  it('widths that ask for too much in all are told as Go tells bad widths', () => {
    expect(goPrintf(many('%999999d', 20), ...Array<bigint>(20).fill(1n))).toContain(
      '%!d(BADWIDTH)',
    );
  });
});
