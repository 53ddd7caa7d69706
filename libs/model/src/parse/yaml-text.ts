import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  parseDocument,
  type Document,
  type Node,
  type Pair,
  type ScalarTag,
  type Tags,
} from 'yaml';
import type { FieldPath, Position } from '../problem.ts';
import { TOO_DEEP, WHOLE_YAML_LENGTH_MAX } from './limits.ts';
import { giveUp } from './quick/bail.ts';
import { offsetWithin } from './quick/place.ts';
import { readQuickly } from './quick/quick-yaml.ts';
import { indentQuotedLines } from './quoted-indent.ts';
import { keyText, rawValueOf, scalarOf, type RawProblem, type RawValue } from './yaml-value.ts';

/** One document of a text: its value, what is wrong with it, and where its parts stand. */
export interface TextDocument {
  readonly value: RawValue;
  readonly problems: readonly TextProblem[];
  /** Where the field stands, or the nearest field around it that is written down. */
  locate(path: FieldPath): Position;
}

export interface TextProblem {
  readonly message: string;
  readonly path: FieldPath;
  readonly severity: 'error' | 'duplicate';
  readonly position: Position;
}

/**
 * Go's YAML reader takes dates and `1:30` as text where YAML 1.1 has values of their own, so these
 * tags are left out of the dialect.
 */
const LEFT_OUT = new Set([
  'tag:yaml.org,2002:timestamp',
  'tag:yaml.org,2002:binary',
  'tag:yaml.org,2002:omap',
  'tag:yaml.org,2002:pairs',
  'tag:yaml.org,2002:set',
]);

/** Go reads `0o17` as an octal number too, beside YAML 1.1's `017`. */
const OCTAL: ScalarTag = {
  default: true,
  tag: 'tag:yaml.org,2002:int',
  test: /^[-+]?0o[0-7_]+$/,
  resolve: (text) => {
    const digits = BigInt(text.replaceAll(/[-+_]/g, ''));
    return text.startsWith('-') ? -digits : digits;
  },
};

function goTags(tags: Tags): Tags {
  const kept = tags.filter((tag) => {
    if (typeof tag === 'string') return true;
    return !LEFT_OUT.has(tag.tag) && (tag as { format?: string }).format !== 'TIME';
  });
  return [...kept, OCTAL];
}

const SETTINGS = {
  version: '1.1',
  customTags: goTags,
  intAsBigInt: true,
  uniqueKeys: false,
  strict: false,
  prettyErrors: false,
  logLevel: 'silent',
} as const;

/** Reads a text of one or more YAML (or JSON) documents in the dialect of Go's sigs.k8s.io/yaml. */
export function readYaml(text: string): readonly TextDocument[] {
  const documents = readPlainYaml(text);
  if (documents !== undefined) return documents;
  return text.length > WHOLE_YAML_LENGTH_MAX ? [tooLong(text)] : readWholeYaml(text);
}

function tooLong({ length }: string): TextDocument {
  const position = { line: 1, column: 1 };
  const message =
    `the text is ${length} characters long; beyond ${WHOLE_YAML_LENGTH_MAX} only JSON and plain ` +
    'YAML are read (no anchors, tags, tabs, keys given twice or text over several lines): split it';
  const problem: TextProblem = { message, path: [], severity: 'error', position };
  return { value: null, problems: [problem], locate: () => position };
}

/** The quick way, for what most manifests are written in; undefined for all else. */
export function readPlainYaml(text: string): readonly TextDocument[] | undefined {
  const lines = lazily(() => lineStartsOf(text.replaceAll('\r\n', '\n')));
  return readQuickly(text, resolvePlain)?.map(({ value, place }) => ({
    value,
    problems: [],
    locate: (path) => positionAt(lines(), offsetWithin(place, path)),
  }));
}

/** What the whole reader makes of a plain scalar. */
function resolvePlain(source: string): RawValue {
  const { contents, errors } = parseDocument(source, SETTINGS);
  return isScalar(contents) && errors.length === 0 ? scalarOf(contents) : giveUp();
}

/** The whole of YAML, at its price: some microseconds for each character. */
export function readWholeYaml(text: string): readonly TextDocument[] {
  const documents = parseYaml(text);
  const isCutQuote = documents.some((document) => document.hasCutQuote);
  const repaired = isCutQuote ? indentQuotedLines(text) : undefined;
  return repaired === undefined ? documents : parseYaml(repaired);
}

interface ParsedText extends TextDocument {
  readonly hasCutQuote: boolean;
}

function parseYaml(text: string): readonly ParsedText[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { ...SETTINGS, lineCounter: lines });
  if (!Array.isArray(documents)) return [];
  return documents.map((document) => textDocument(document as Document.Parsed, lines));
}

function textDocument(document: Document.Parsed, lines: LineCounter): ParsedText {
  // What follows the first syntax error is mostly its echo.
  const [first] = document.errors;
  const hasCutQuote = document.errors.some((error) =>
    /^Missing closing .quote/.test(error.message),
  );
  const locate = (path: FieldPath): Position =>
    positionOf(lines, offsetOf(document.contents, path) ?? document.range[0]);
  if (first !== undefined) {
    const message = explainSyntax(first.code, first.message);
    const position = positionOf(lines, first.pos[0]);
    const problem: TextProblem = { message, path: [], severity: 'error', position };
    return { value: null, problems: [problem], locate, hasCutQuote };
  }
  const { value, problems } = rawValueOf(document);
  const located = problems.map((problem) => textProblem(problem, lines, locate));
  return { value, problems: located, locate, hasCutQuote };
}

function textProblem(
  problem: RawProblem,
  lines: LineCounter,
  locate: (path: FieldPath) => Position,
): TextProblem {
  const { message, path, severity, node } = problem;
  const offset = node?.range?.[0];
  const position = offset === undefined ? locate(path) : positionOf(lines, offset);
  return { message, path, severity, position };
}

const ADVICE: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces, not with tabs',
  BAD_INDENT: 'check the indentation of this line and the one above',
  MISSING_CHAR: 'check quotes, brackets and colons here',
  MULTILINE_IMPLICIT_KEY: 'check the indentation, or quote the value',
  BLOCK_AS_IMPLICIT_KEY: 'check the indentation, or quote a value that holds ": "',
  UNEXPECTED_TOKEN: 'check the indentation, or quote the value',
  BAD_SCALAR_START: 'quote the value',
  BAD_ALIAS: 'quote the value if it should begin with * or &',
};

function explainSyntax(code: string, message: string): string {
  // The YAML reader calls itself for every level, so depth beyond reason ends its stack.
  if (message.includes('call stack')) return TOO_DEEP;
  const advice = ADVICE[code];
  const first = message.split('\n')[0] ?? message;
  return `not valid YAML: ${first}${advice === undefined ? '' : `; ${advice}`}`;
}

function positionOf(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** Offset of the key (or list item) that the path names, or of the nearest one around it. */
function offsetOf(root: unknown, path: FieldPath): number | undefined {
  let node: unknown = root;
  let offset = rangeStart(root);
  for (const part of path) {
    if (isAlias(node)) return offset;
    if (isMap(node)) {
      const pair = pairOf(node.items, String(part));
      if (pair === undefined) return offset;
      offset = rangeStart(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number' && part < node.items.length) {
      node = node.items[part];
      offset = rangeStart(node) ?? offset;
    } else return offset;
  }
  return offset;
}

/** The last pair of that key, since the last one wins; else one that differs by case only. */
function pairOf(pairs: readonly Pair[], name: string): Pair | undefined {
  const keyOf = (pair: Pair): string => keyText(pair.key)?.text ?? '';
  const lower = name.toLowerCase();
  return (
    pairs.findLast((pair) => keyOf(pair) === name) ??
    pairs.findLast((pair) => keyOf(pair).toLowerCase() === lower)
  );
}

function rangeStart(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

/** Offsets at which lines begin. */
function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function positionAt(starts: readonly number[], offset: number): Position {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}

function lazily<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}
