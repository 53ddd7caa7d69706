// The quick YAML reader against the whole one: what it reads it must read alike, value and place, and
// what it does not know it must leave alone. Covers snippets of each construct, mutated manifests from a
// fixed seed, and size. What YAML means is tested with the whole reader (manifests.test.ts).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldPath } from '../../problem.ts';
import { parseManifests } from '../manifests.ts';
import { readPlainYaml, readWholeYaml } from '../yaml-text.ts';
import { WHOLE_YAML_LENGTH_MAX } from '../limits.ts';

/** For machines that have much else to do. */
const TIMEOUT_MS = 60_000;

const EXAMPLES = join(import.meta.dirname, '../../../../../examples');

/** Whole numbers are bigints, which JSON does not know. */
function shown(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, part: unknown) =>
      typeof part === 'bigint' ? `whole ${part}` : part,
    ),
  );
}

/** All fields of a value, and some that are not there. */
function pathsOf(value: unknown, path: FieldPath = []): readonly FieldPath[] {
  const here: FieldPath[] = [path, [...path, 'nowhere'], [...path, 99]];
  if (value === null || typeof value !== 'object') return here;
  const parts = Array.isArray(value) ? value.map((part, at) => [at, part] as const) : undefined;
  const all: readonly (readonly [string | number, unknown])[] = parts ?? Object.entries(value);
  return [...here, ...all.flatMap(([key, part]) => pathsOf(part, [...path, key]))];
}

/** Compares both readers; gives whether the quick one took the text. */
function compare(text: string): boolean {
  const quick = readPlainYaml(text);
  if (quick === undefined) return false;
  const whole = readWholeYaml(text);
  expect(whole.flatMap(({ problems }) => problems)).toEqual([]);
  const filled = whole.filter(({ value }) => value !== null);
  expect(quick.map(({ value }) => shown(value))).toEqual(filled.map(({ value }) => shown(value)));
  for (const [index, document] of quick.entries()) {
    for (const path of pathsOf(document.value)) {
      expect(document.locate(path), path.join('.')).toEqual(filled[index]?.locate(path));
    }
  }
  return true;
}

describe('the quick reader reads as the whole one does', () => {
  it.each([
    [
      'maps and lists by indent',
      'a:\n  b:\n  - c\n  -   d: e\n      f: g\n  h:\n    - - i\n      - j\nk: l\n',
    ],
    [
      'scalars with a meaning',
      'a: [1, 017, 0o17, 0x1f, 1_000, 1.5, 1e3, .5, ., .inf, -1, +1, 1:30, 00, 2001-01-01]\n',
    ],
    [
      'words with a meaning',
      'a: [y, n, yes, No, ON, off, true, False, null, ~, Null, nope, yess]\nb:\n',
    ],
    ['keys with a meaning', 'on: 1\n1: 2\n~: 3\n"quoted": 4\n\'single\': 5\nwith space: 6\n'],
    ['quotes', 'a: "x \\n \\u00e9 \\" # y"\nb: \'it\'\'s\' # comment\nc: ""\n'],
    ['comments', '# one\na: b # two\n# three\nc: d#e\n  # four\nf:\n  # five\n  g: h\n'],
    ['brackets', 'a: {b: [c, "d", {e: f}], "g":h, i: j k , }\nl: []\nm: {}\n'],
    ['brackets over lines', 'a: [b,\n    c,\n    {d: e,\n     f: g}]\nh: {\n  i: j\n  }\n'],
    [
      'text blocks',
      'a: |\n  b\n\n   c\nd: |-\n  e\nf: |+\n  g\n\nh: >\n  i\n  j\n\n  k\nl: >-\n  m\n',
    ],
    ['text blocks in lists', '- |\n  a # b\n- b: |\n    c\n  d: e\n'],
    ['several documents', '---\na: 1\n--- # two\nb: 2\n---\n'],
    ['JSON', '{"a": {"b": [1, "c"]},\n "d": null}\n'],
    ['variables', 'a: "{{inputs.parameters.b}}"\nb: x {{c}} y\nc: [echo, \'{{=d}}\']\n'],
    ['colons in text', 'a: b:c\nurl: http://x:1/y\nt: 10:30\nlist: [a:b, http://c]\n'],
    ['line breaks of Windows', 'a: b\r\nc:\r\n  - d\r\ne: |\r\n  f\r\n  g\r\n'],
    ['blanks at ends of lines', 'a:   \n  b: c   \n  d: |  \n    e  \n\n'],
    ['the end without a line break', 'a:\n  - b: c'],
  ])('%s', (_name, text) => {
    expect(compare(text)).toBe(true);
  });

  it.each([
    ['anchors and aliases', 'a: &x 1\nb: *x\n'],
    ['tags', 'a: !!str 1\n'],
    ['merge keys', 'a: {b: 1}\nc:\n  <<: {d: 1}\n'],
    ['keys given twice', 'a: 1\na: 2\n'],
    ['plain text over lines', 'a: b\n  c\n'],
    ['quoted text over lines', 'a: "b\n  c"\n'],
    ['tabs', 'a:\tb\n'],
    ['a directive', '%YAML 1.2\n---\na: b\n'],
    ['complex keys', '? a\n: b\n'],
    ['wrong indents', 'a:\n    b: c\n  d: e\n'],
    ['a second key on the line', 'a: b: c\n'],
    ['a list beside a map', 'a: b\n- c\n'],
    ['brackets that do not close', 'a: [b, c\nd: e\n'],
    ['an indicator', 'a: |2\n    b\n'],
    ['a scalar alone', 'hello\n'],
    ['something after a value', 'a: "b" c\n'],
  ])('and leaves to it: %s', (_name, text) => {
    expect(readPlainYaml(text)).toBeUndefined();
  });
});

describe('mutated manifests', () => {
  const texts = readdirSync(EXAMPLES)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => readFileSync(join(EXAMPLES, name), 'utf8').split('\n'));
  const scraps = `: |- |  |\n|-|- |#| #|"|'|[|]|{|}|,|>|&a|*a|!t|? |%|@|~|y|1|0x1|.5|\\|a|\n  |\n    |<<: |---\n|[a, b]|{a: b}`;
  const mutation = fc.tuple(fc.nat(), fc.nat(2), fc.constantFrom(...scraps.split('|'), '|', '\t'));

  it(
    'are read alike, or left to the whole reader',
    () => {
      let taken = 0;
      const property = fc.property(
        fc.nat(),
        fc.nat(),
        fc.array(mutation, { maxLength: 4 }),
        (which, from, mutations) => {
          const lines = texts[which % texts.length] ?? [];
          const start = from % lines.length;
          let text = `${lines.slice(start, start + 12).join('\n')}\n`;
          for (const [place, removed, scrap] of mutations) {
            const at = place % (text.length + 1);
            text = text.slice(0, at) + scrap + text.slice(at + removed);
          }
          taken += compare(text) ? 1 : 0;
        },
      );
      fc.assert(property, { seed: 20_261_123, numRuns: 1500 });
      expect(taken).toBeGreaterThan(200);
    },
    TIMEOUT_MS,
  );
});

describe('size', () => {
  const task = (index: number): string =>
    `      - name: task-${index}\n        template: echo\n        depends: "task-${index - 1}"\n`;
  const big = `kind: Workflow\nspec:\n  templates:\n  - dag:\n      tasks:\n${Array.from({ length: 30_000 }, (_, at) => task(at)).join('')}`;

  it('does not matter to the quick reader', () => {
    expect(big.length).toBeGreaterThan(2_000_000);
    expect(readPlainYaml(big)).toHaveLength(1);
  });

  it('is bounded for what needs the whole of YAML', () => {
    const text = `a: &x 1\nb: "${'x'.repeat(WHOLE_YAML_LENGTH_MAX)}"\n`;
    expect(parseManifests(text).problems[0]?.message).toContain(
      'only JSON and plain YAML are read',
    );
  });
});
