import type { RE2JS } from 're2js';
import { compileRegex } from '../text/regex.ts';
import { expectCount, intArgument, textArgument, type SprigFunction } from './arguments.ts';
import { TEXT_UNITS_MAX } from './strings.ts';

/** Most matches that one call goes over. */
const MATCHES_MAX = 200_000;

function checkSize(text: string, matches: number): void {
  if (text.length > TEXT_UNITS_MAX) throw new Error('the text is too long');
  if (matches > MATCHES_MAX) throw new Error(`more than ${MATCHES_MAX} matches`);
}

/** The first `limit` matches (−1 = all) as pairs of offsets. */
function spans(
  pattern: string,
  text: string,
  limit: number,
): readonly (readonly [number, number])[] {
  const matcher = compileRegex(pattern).matcher(text);
  const found: [number, number][] = [];
  while ((limit < 0 || found.length < limit) && matcher.find()) {
    found.push([matcher.start(), matcher.end()]);
    checkSize('', found.length);
  }
  return found;
}

function findAll(pattern: string, text: string, limit: number): readonly string[] {
  return spans(pattern, text, limit).map(([from, to]) => text.slice(from, to));
}

/** regexp.Split: an empty match splits between characters, the limit is on the pieces. */
function split(pattern: string, text: string, limit: number): readonly string[] {
  if (limit === 0) return [];
  if (pattern !== '' && text === '') return [''];
  const pieces: string[] = [];
  let from = 0;
  let end = 0;
  for (const [start, stop] of spans(pattern, text, limit)) {
    if (limit > 0 && pieces.length === limit - 1) break;
    end = start;
    if (stop !== 0) pieces.push(text.slice(from, end));
    from = stop;
  }
  if (end !== text.length) pieces.push(text.slice(from));
  return pieces;
}

/** Expands `$1`, `${name}` and `$$` as regexp.Expand does: an unknown name is empty. */
function replaceAll(pattern: string, text: string, template: string | undefined): string {
  const matcher = compileRegex(pattern).matcher(text);
  let result = '';
  let from = 0;
  let count = 0;
  while (matcher.find()) {
    result += text.slice(from, matcher.start());
    from = matcher.end();
    result += template === undefined ? '' : expand(template, (name) => group(matcher, name));
    count += 1;
    checkSize(result, count);
  }
  return result + text.slice(from);
}

type Matcher = ReturnType<RE2JS['matcher']>;

function group(matcher: Matcher, name: string): string {
  try {
    if (!/^\d+$/.test(name)) return matcher.group(name) ?? '';
    return Number(name) <= matcher.groupCount() ? (matcher.group(Number(name)) ?? '') : '';
  } catch {
    return '';
  }
}

function expand(template: string, lookup: (name: string) => string): string {
  return template.replace(/\$(\$|\{(\w+)\}|(\w+))/g, (whole: string, ...groups: unknown[]) => {
    const [kind, braced, bare] = groups;
    if (kind === '$') return '$';
    const name = typeof braced === 'string' ? braced : bare;
    return typeof name === 'string' ? lookup(name) : whole;
  });
}

function literalReplace(pattern: string, text: string, replacement: string): string {
  const found = spans(pattern, text, -1);
  let result = '';
  let from = 0;
  for (const [start, stop] of found) {
    result += text.slice(from, start) + replacement;
    checkSize(result, 0);
    from = stop;
  }
  return result + text.slice(from);
}

const match: SprigFunction = (args) => {
  expectCount(args, 2);
  return compileRegex(textArgument(args, 0)).matcher(textArgument(args, 1)).find();
};
const find: SprigFunction = (args) => {
  expectCount(args, 2);
  return findAll(textArgument(args, 0), textArgument(args, 1), 1)[0] ?? '';
};
const all: SprigFunction = (args) => {
  expectCount(args, 3);
  return findAll(textArgument(args, 0), textArgument(args, 1), intArgument(args, 2));
};
const replace: SprigFunction = (args) => {
  expectCount(args, 3);
  return replaceAll(textArgument(args, 0), textArgument(args, 1), textArgument(args, 2));
};
const literal: SprigFunction = (args) => {
  expectCount(args, 3);
  return literalReplace(textArgument(args, 0), textArgument(args, 1), textArgument(args, 2));
};
const splitter: SprigFunction = (args) => {
  expectCount(args, 3);
  return split(textArgument(args, 0), textArgument(args, 1), intArgument(args, 2));
};

/** Functions on RE2 patterns: linear time, no backtracking. */
export const regexFunctions: Readonly<Record<string, SprigFunction>> = {
  regexMatch: (args) => {
    expectCount(args, 2);
    try {
      return match(args);
    } catch {
      return false;
    }
  },
  mustRegexMatch: match,
  regexFind: find,
  mustRegexFind: find,
  regexFindAll: all,
  mustRegexFindAll: all,
  regexReplaceAll: replace,
  mustRegexReplaceAll: replace,
  regexReplaceAllLiteral: literal,
  mustRegexReplaceAllLiteral: literal,
  regexSplit: splitter,
  mustRegexSplit: splitter,
  regexQuoteMeta: (args) => {
    expectCount(args, 1);
    return textArgument(args, 0).replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
  },
};
