import type { JqNode, JqPattern } from './node.ts';
import { parseText } from './parse-term.ts';
import { parsePipe } from './parser.ts';
import { accept, expect, expectName, expectVariable, peek, type Parser } from './parser-state.ts';

/** The patterns after `as`, with `?//` between them. */
export function parsePatterns(parser: Parser): readonly JqPattern[] {
  const patterns = [parsePattern(parser)];
  while (accept(parser, '?//')) patterns.push(parsePattern(parser));
  return patterns;
}

/** One pattern: `$x`, `[$a, $b]`, `{a: $x, $y, "k": [$z], (filter): $v}`. */
export function parsePattern(parser: Parser): JqPattern {
  if (accept(parser, '[')) return { kind: 'List', items: parseItems(parser) };
  if (accept(parser, '{')) return { kind: 'Map', entries: parseEntries(parser) };
  return { kind: 'Name', name: expectVariable(parser) };
}

function parseItems(parser: Parser): readonly JqPattern[] {
  const items: JqPattern[] = [];
  do items.push(parsePattern(parser));
  while (accept(parser, ','));
  expect(parser, ']');
  return items;
}

type Entries = Extract<JqPattern, { readonly kind: 'Map' }>['entries'];

function parseEntries(parser: Parser): Entries {
  const entries: Entries[number][] = [];
  do entries.push(parseEntry(parser));
  while (accept(parser, ','));
  expect(parser, '}');
  return entries;
}

function parseEntry(parser: Parser): Entries[number] {
  if (peek(parser).kind === 'variable') {
    const name = expectVariable(parser);
    const key: JqNode = { kind: 'Literal', value: name };
    return accept(parser, ':') ? { key, name, value: parsePattern(parser) } : { key, name };
  }
  const key = parseKey(parser);
  expect(parser, ':');
  return { key, value: parsePattern(parser) };
}

function parseKey(parser: Parser): JqNode {
  const { kind } = peek(parser);
  if (kind === 'text') return parseText(parser);
  if (kind === 'name') return { kind: 'Literal', value: expectName(parser) };
  expect(parser, '(');
  const key = parsePipe(parser);
  expect(parser, ')');
  return key;
}
