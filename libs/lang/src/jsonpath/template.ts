import { goJson, goValueText } from '../govalue/index.ts';
import { parseSteps } from './parse.ts';
import { accept, expect, quoted, refuse, skipBlanks, type PathReader } from './reader.ts';
import { selectAll, type Selection } from './select.ts';
import type { JsonPathStep } from './step.ts';

/** A part of a Kubernetes JSONPath template. */
export type TemplatePart =
  | { readonly kind: 'Text'; readonly text: string }
  | { readonly kind: 'Path'; readonly fromRoot: boolean; readonly steps: readonly JsonPathStep[] }
  | {
      readonly kind: 'Range';
      readonly steps: readonly JsonPathStep[];
      readonly body: readonly TemplatePart[];
    };

/** How deep `range` may nest. */
const RANGE_DEPTH_MAX = 10;

/** Reads a whole template. Throws LangFailure. */
export function parseTemplateParts(reader: PathReader): readonly TemplatePart[] {
  const parts = partsUntilEnd(reader, 0);
  if (reader.at < reader.source.length) return refuse(reader, '{end} without {range}');
  return parts;
}

function partsUntilEnd(reader: PathReader, depth: number): readonly TemplatePart[] {
  if (depth > RANGE_DEPTH_MAX) return refuse(reader, 'range nests too deep');
  const parts: TemplatePart[] = [];
  while (reader.at < reader.source.length) {
    const open = reader.source.indexOf('{', reader.at);
    const textEnd = open === -1 ? reader.source.length : open;
    if (textEnd > reader.at) {
      parts.push({ kind: 'Text', text: reader.source.slice(reader.at, textEnd) });
    }
    reader.at = textEnd;
    if (open === -1 || /^\{\s*end\s*\}/.test(reader.source.slice(open, open + 20))) break;
    parts.push(...action(reader, depth));
  }
  return parts;
}

function action(reader: PathReader, depth: number): TemplatePart[] {
  expect(reader, '{');
  skipBlanks(reader);
  if (/^range[\s.[@$]/.test(reader.source.slice(reader.at, reader.at + 6))) {
    return [range(reader, depth)];
  }
  const parts: TemplatePart[] = [];
  while (!accept(reader, '}')) {
    if (reader.at >= reader.source.length) return refuse(reader, 'unclosed action');
    const text = quoted(reader);
    if (text === undefined) parts.push(path(reader));
    else parts.push({ kind: 'Text', text });
    skipBlanks(reader);
  }
  return parts;
}

function path(reader: PathReader): TemplatePart {
  const start = reader.at;
  const fromRoot = accept(reader, '$');
  if (!fromRoot) accept(reader, '@');
  const steps = parseSteps(reader, true);
  return reader.at === start
    ? refuse(reader, 'expected a path or a quoted text')
    : { kind: 'Path', fromRoot, steps };
}

function range(reader: PathReader, depth: number): TemplatePart {
  reader.at += 'range'.length;
  skipBlanks(reader);
  if (!accept(reader, '$')) accept(reader, '@');
  const steps = parseSteps(reader, true);
  skipBlanks(reader);
  expect(reader, '}');
  const body = partsUntilEnd(reader, depth + 1);
  expect(reader, '{');
  skipBlanks(reader);
  expect(reader, 'end');
  skipBlanks(reader);
  expect(reader, '}');
  return { kind: 'Range', steps, body };
}

/** Prints the parts for a value. */
export function printParts(
  parts: readonly TemplatePart[],
  value: unknown,
  selection: Selection,
): string {
  return parts
    .map((part) => {
      switch (part.kind) {
        case 'Text':
          return part.text;
        case 'Path': {
          const start = part.fromRoot ? selection.root : value;
          return selectAll([start], part.steps, selection).map(printValue).join(' ');
        }
        case 'Range':
          return selectAll([value], part.steps, selection)
            .map((item) => printParts(part.body, item, selection))
            .join('');
      }
    })
    .join('');
}

function printValue(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  // Whole numbers are integers in the objects of Kubernetes.
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  return typeof value === 'object' ? goJson(value, { escapeHtml: true }) : goValueText(value);
}
