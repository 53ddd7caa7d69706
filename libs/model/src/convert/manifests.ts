import { isMap, isSeq, LineCounter, parseAllDocuments, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { Problem } from '../problem.ts';

export interface ConvertedText {
  /** The text with today's fields; comments and order are kept. */
  readonly text: string;
  /** What was changed, as warnings; errors where the text cannot be read. */
  readonly problems: readonly Problem[];
}

/** A field of Argo 3 that held one thing where Argo 4 has a list of them. */
interface OldField {
  readonly old: string;
  readonly list: string;
}

const SYNCHRONIZATION: readonly OldField[] = [
  { old: 'semaphore', list: 'semaphores' },
  { old: 'mutex', list: 'mutexes' },
];

const CRON: readonly OldField[] = [{ old: 'schedule', list: 'schedules' }];

/**
 * Rewrites manifests of Argo 3 to the fields of Argo 4: `schedule`, `mutex` and `semaphore` become
 * lists. Everything else stays as it is written, comments included.
 */
export function convertManifests(
  text: string,
  options: { readonly file?: string } = {},
): ConvertedText {
  const lineCounter = new LineCounter();
  const settings = { lineCounter, version: '1.1', prettyErrors: false, strict: false } as const;
  const documents = [...parseAllDocuments(text, settings)];
  const problems: Problem[] = [];
  const file = options.file === undefined ? {} : { file: options.file };
  const report = (severity: Problem['severity'], message: string, offset: number): void => {
    const { line, col: column } = lineCounter.linePos(offset);
    problems.push({ message, path: '', severity, ...file, line, column });
  };
  for (const document of documents) {
    const [error] = document.errors;
    if (error !== undefined) report('error', `not valid YAML: ${error.message}`, error.pos[0]);
    convertNode(document.contents, report);
  }
  const hasErrors = problems.some(({ severity }) => severity === 'error');
  if (hasErrors || problems.length === 0) return { text, problems };
  const converted = documents.map((document) => document.toString({ lineWidth: 0 })).join('');
  return { text: converted, problems };
}

type Report = (severity: Problem['severity'], message: string, offset: number) => void;

function convertNode(root: unknown, report: Report): void {
  if (!isMap(root)) return;
  const spec = root.get('spec');
  if (!isMap(spec)) return;
  if (root.get('kind') === 'CronWorkflow') {
    convertFields(spec, CRON, report);
    convertSpec(spec.get('workflowSpec'), report);
  } else convertSpec(spec, report);
}

function convertSpec(spec: unknown, report: Report): void {
  if (!isMap(spec)) return;
  convertFields(spec.get('synchronization'), SYNCHRONIZATION, report);
  const templates = spec.get('templates');
  if (!isSeq(templates)) return;
  for (const template of templates.items) {
    if (isMap(template)) convertFields(template.get('synchronization'), SYNCHRONIZATION, report);
  }
}

function convertFields(map: unknown, fields: readonly OldField[], report: Report): void {
  if (!isMap(map)) return;
  for (const { old, list } of fields) {
    const index = map.items.findIndex(({ key }) => keyOf(key) === old);
    const pair = map.items[index];
    if (pair === undefined) continue;
    const offset = (pair.key as Scalar).range?.[0] ?? 0;
    report('warning', `"${old}" was rewritten as a list: "${list}"`, offset);
    const existing = map.get(list);
    if (isSeq(existing)) {
      existing.items.unshift(pair.value);
      map.items.splice(index, 1);
      continue;
    }
    const items = new YAMLSeq();
    items.items.push(blockOf(pair.value));
    map.set(list, items);
    const added = map.items.pop();
    if (added !== undefined) map.items.splice(index, 1, added);
  }
}

function keyOf(key: unknown): unknown {
  return key instanceof Scalar ? key.value : key;
}

/**
 * A map written in braces would make a list of braces; it is set out in lines, texts without
 * quotes.
 */
function blockOf(value: unknown): unknown {
  if (value instanceof Scalar) value.type = Scalar.PLAIN;
  if (value instanceof YAMLMap) value.flow = false;
  return value;
}
