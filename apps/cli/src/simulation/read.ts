import { ArgosyError } from '@argosy/base';
import { formatPath, formatProblem, type FieldPath, type Problem } from '@argosy/model';
import { isMap, isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { mistakesOf, type Mistake } from './check.ts';
import type { SimulationFile } from './format.ts';
import { SIMULATION_SCHEMA } from './schema.ts';

/** A simulation file that was found to be in order. */
export interface SimulationText {
  readonly file: string;
  readonly content: SimulationFile;
  /** The line of a field, from 1. */
  lineOf(path: FieldPath): number;
  /** The problem of a field, with its place. */
  problemAt(path: FieldPath, message: string): Problem;
}

/** Most mistakes told at once. */
const MISTAKES_MAX = 20;

/**
 * Reads mocks, events and expectations.
 * @throws ArgosyError INVALID_ARGUMENT with one line (file:line:column: message (field)) per mistake.
 */
export function readSimulation(file: string, text: string): SimulationText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [first] = document.errors;
  if (first !== undefined) {
    const { line, col: column } = lines.linePos(first.pos[0]);
    const message = `not valid YAML: ${first.message}`;
    throw refusal([{ message, path: '', severity: 'error', file, line, column }]);
  }
  const problemAt = (path: FieldPath, message: string, atKey = true): Problem => {
    const { line, col: column } = lines.linePos(offsetOf(document, path, atKey));
    return { message, path: formatPath(path), severity: 'error', file, line, column };
  };
  const content = valueOf(document, problemAt);
  const mistakes = [...mistakesOf(content ?? {}, SIMULATION_SCHEMA), ...wrongTimes(content)].slice(
    0,
    MISTAKES_MAX,
  );
  if (mistakes.length > 0) {
    throw refusal(mistakes.map(({ path, message, atKey }) => problemAt(path, message, atKey)));
  }
  return {
    file,
    content: (content ?? {}) as SimulationFile,
    lineOf: (path) => problemAt(path, '').line ?? 1,
    problemAt,
  };
}

/** Most values that aliases may stand for. */
const ALIAS_VALUES_MAX = 1_000;

/** @throws ArgosyError INVALID_ARGUMENT for aliases that stand for more values than anybody writes. */
function valueOf(document: Document.Parsed, problemAt: SimulationText['problemAt']): unknown {
  try {
    return document.toJS({ maxAliasCount: ALIAS_VALUES_MAX }) as unknown;
  } catch (error) {
    throw refusal([problemAt([], `not usable YAML: ${(error as Error).message}`)]);
  }
}

/** Times of the right form that no calendar has. */
function wrongTimes(content: unknown): readonly Mistake[] {
  const { start, cases } = (content ?? {}) as {
    readonly start?: unknown;
    readonly cases?: unknown;
  };
  const own = typeof start === 'string' && Number.isNaN(Date.parse(start)) ? [start] : [];
  const mistakes = own.map((text): Mistake => {
    return { path: ['start'], message: `start is no time that exists: "${text}"`, atKey: false };
  });
  const nested = Array.isArray(cases) ? cases : [];
  return [
    ...mistakes,
    ...nested.flatMap((each, index) =>
      wrongTimes({ start: (each as { readonly start?: unknown } | null)?.start }).map(
        (mistake) => ({
          ...mistake,
          path: ['cases', index, ...mistake.path],
        }),
      ),
    ),
  ];
}

/** One line for each problem, so that editors find their places. */
export function refusal(problems: readonly Problem[]): ArgosyError {
  return new ArgosyError('INVALID_ARGUMENT', problems.map(formatProblem).join('\n'));
}

/** Where a field stands: its key or its value; of a field that is not there, what should hold it. */
function offsetOf(document: Document.Parsed, path: FieldPath, atKey: boolean): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const part = path.slice(0, length);
    const key = atKey ? keyOffset(document, part) : undefined;
    const node = length === 0 ? document.contents : document.getIn(part, true);
    const offset = key ?? (isNode(node) ? node.range?.[0] : undefined);
    if (offset !== undefined) return offset;
  }
  return 0;
}

function keyOffset(document: Document.Parsed, path: FieldPath): number | undefined {
  if (path.length === 0) return undefined;
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return undefined;
  const pair = parent.items.find(({ key }) => String(key) === String(path.at(-1)));
  return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
}
