import type { RawValue } from '../yaml-value.ts';
import { Bail, giveUp } from './bail.ts';
import { readBlock } from './block.ts';
import type { Placed } from './flow.ts';
import { readFlow } from './flow.ts';
import type { Place } from './place.ts';
import { createResolver, type ResolvePlain } from './plain-scalar.ts';
import { endLine, isLineDone, skipSpaces, toContent, toNextLine, type Source } from './source.ts';

/** A document of a text, and where its parts stand. */
export interface QuickDocument {
  readonly value: RawValue;
  readonly place: Place;
}

/** Line breaks of other kinds, which readers take differently. */
const OTHER_BREAKS = /\r(?!\n)|[\ufeff\u0085\u2028\u2029]/;

/**
 * Reads the YAML that manifests are mostly written in, some twenty times as quickly as the whole
 * reader does: lists and maps by indent and in brackets, plain and quoted text on one line, text
 * blocks, comments, several documents. Gives undefined, so that the whole reader is asked, for all
 * else: anchors, tags, merge keys, keys given twice, text over several lines, tabs, anything that may
 * be wrong. What it does read, it reads exactly as the whole reader does; `resolve` is that reader's
 * opinion on plain scalars. Documents without content are left out.
 * Offsets count line breaks as one character each.
 */
export function readQuickly(
  given: string,
  resolve: ResolvePlain,
): readonly QuickDocument[] | undefined {
  if (OTHER_BREAKS.test(given)) return undefined;
  const text = given.includes('\r') ? given.replaceAll('\r\n', '\n') : given;
  const source: Source = { text, resolve: createResolver(resolve), at: 0, lineStart: 0, depth: 0 };
  try {
    return readDocuments(source);
  } catch (thrown) {
    if (thrown instanceof Bail || thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}

function readDocuments(source: Source): readonly QuickDocument[] {
  const documents: QuickDocument[] = [];
  const { text } = source;
  for (;;) {
    const indent = toContent(source);
    if (indent >= 0) {
      const { value, place } = readRoot(source, indent);
      if (place === undefined) giveUp();
      documents.push({ value, place });
      if (toContent(source) >= 0) giveUp();
    }
    if (source.at >= text.length) return documents;
    // A line `---`, with nothing else on it but a comment.
    source.at += '---'.length;
    skipSpaces(source);
    if (!isLineDone(source)) giveUp();
    toNextLine(source);
  }
}

function readRoot(source: Source, indent: number): Placed {
  const first = source.text.charAt(source.at);
  if (first !== '{' && first !== '[') return readBlock(source, indent);
  const placed = readFlow(source, -1);
  endLine(source);
  return placed;
}
