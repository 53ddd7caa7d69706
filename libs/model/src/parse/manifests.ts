import {
  formatPath,
  moreProblems,
  type FieldPath,
  type Position,
  type Problem,
} from '../problem.ts';
import type { Manifest, ManifestKind } from '../types/manifest.ts';
import { decodeObject, type DecodeContext } from './decode.ts';
import { readJson } from './json-text.ts';
import { MANIFEST_LENGTH_MAX, PROBLEMS_MAX, TOO_DEEP } from './limits.ts';
import { nearestName } from './suggestion.ts';
import { readYaml, type TextDocument } from './yaml-text.ts';
import type { RawValue } from './yaml-value.ts';

export interface ParseOptions {
  /** Name of the text in messages. */
  readonly file?: string;
  /** Unknown fields, keys of the wrong case and keys given twice are errors, not warnings. */
  readonly strict?: boolean;
  /** False: a manifest without `metadata.name` and `metadata.generateName` is let pass. */
  readonly requireName?: boolean;
  /** The kind of a manifest that does not state it; an error when absent. */
  readonly defaultKind?: ManifestKind;
  /** Most UTF-16 units of the text; 20 Mi when absent. */
  readonly lengthMax?: number;
}

/** A manifest and where it stands. */
export interface ParsedManifest<Kind extends Manifest = Manifest> {
  readonly manifest: Kind;
  readonly file?: string;
  /** Where a field stands (or the nearest one around it that is written down). */
  locate(path: FieldPath): Position;
}

export interface ParsedManifests {
  /** Those that could be read; one with errors is not among them. */
  readonly manifests: readonly ParsedManifest[];
  readonly problems: readonly Problem[];
}

const ARGO_VERSION = 'argoproj.io/v1alpha1';

const API_VERSIONS: Readonly<Record<ManifestKind, string>> = {
  Workflow: ARGO_VERSION,
  WorkflowTemplate: ARGO_VERSION,
  ClusterWorkflowTemplate: ARGO_VERSION,
  CronWorkflow: ARGO_VERSION,
  WorkflowEventBinding: ARGO_VERSION,
  EventSource: ARGO_VERSION,
  Sensor: ARGO_VERSION,
  EventBus: ARGO_VERSION,
  ConfigMap: 'v1',
  Secret: 'v1',
};

/** True when manifests of this kind are understood. */
export function isManifestKind(kind: string): kind is ManifestKind {
  return Object.hasOwn(API_VERSIONS, kind);
}

/**
 * Reads a text of manifests: YAML (several documents, lists of kind `List`) or JSON. Never throws;
 * whatever is wrong is among the problems, with its place.
 */
export function parseManifests(text: string, options: ParseOptions = {}): ParsedManifests {
  const collector = createCollector(options);
  const lengthMax = options.lengthMax ?? MANIFEST_LENGTH_MAX;
  if (text.length > lengthMax) {
    const message = `the text is ${text.length} characters long; the limit is ${lengthMax}: split it`;
    collector.add('error', message, [], { line: 1, column: 1 });
    return collector;
  }
  for (const document of readText(text, collector)) readDocument(document, collector);
  return collector;
}

interface Collector extends ParsedManifests {
  readonly manifests: ParsedManifest[];
  readonly options: ParseOptions;
  add(severity: 'error' | 'warning', message: string, path: FieldPath, position: Position): void;
}

function createCollector(options: ParseOptions): Collector {
  const problems: Problem[] = [];
  let isClosed = false;
  const file = options.file === undefined ? {} : { file: options.file };
  return {
    manifests: [],
    problems,
    options,
    add(severity, message, path, position) {
      if (problems.length >= PROBLEMS_MAX) {
        // An error must never be lost among warnings: it is what refuses the manifest.
        if (severity === 'error' && !isClosed) problems.push({ ...moreProblems(), ...file });
        isClosed ||= severity === 'error';
        return;
      }
      problems.push({ message, path: formatPath(path), severity, ...file, ...position });
    },
  };
}

function readText(text: string, collector: Collector): readonly TextDocument[] {
  const json = readJson(text);
  if (json !== undefined) return [json];
  try {
    return readYaml(text);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    collector.add('error', TOO_DEEP, [], { line: 1, column: 1 });
    return [];
  }
}

function readDocument(document: TextDocument, collector: Collector): void {
  let refused = false;
  for (const problem of document.problems) {
    const isError = problem.severity === 'error' || collector.options.strict === true;
    refused ||= isError;
    const severity = isError ? 'error' : 'warning';
    collector.add(severity, problem.message, problem.path, problem.position);
  }
  if (refused || document.value === null) return;
  readValue(document.value, [], document, collector);
}

function readValue(
  value: RawValue,
  path: FieldPath,
  document: TextDocument,
  collector: Collector,
): void {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    const message = 'a manifest must be a map with apiVersion, kind, metadata and spec';
    collector.add('error', message, path, document.locate(path));
    return;
  }
  const object = value as { readonly [key: string]: RawValue };
  const kind = object['kind'];
  const items = object['items'];
  const isList = typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items);
  if (isList && path.length === 0) {
    (items as readonly RawValue[]).forEach((item, index) => {
      readValue(item, ['items', index], document, collector);
    });
    return;
  }
  readManifest(object, path, document, collector);
}

function readManifest(
  object: { readonly [key: string]: RawValue },
  path: FieldPath,
  document: TextDocument,
  collector: Collector,
): void {
  let refused = false;
  const context: DecodeContext = {
    strict: collector.options.strict ?? false,
    report(severity, message, at) {
      refused ||= severity === 'error';
      collector.add(severity, message, at, document.locate(at));
    },
  };
  const kind = readKind(object, path, context, collector.options.defaultKind);
  if (kind === undefined) return;
  const decoded = decodeObject(kind, object, path, context) as Record<string, unknown>;
  const manifest = withHead(kind, decoded);
  if (collector.options.requireName !== false) checkName(manifest, path, context);
  if (refused) return;
  const file = collector.options.file === undefined ? {} : { file: collector.options.file };
  const locate = (at: FieldPath): Position => document.locate([...path, ...at]);
  collector.manifests.push({ manifest, ...file, locate });
}

function readKind(
  object: { readonly [key: string]: RawValue },
  path: FieldPath,
  context: DecodeContext,
  defaultKind: ManifestKind | undefined,
): ManifestKind | undefined {
  const kind = object['kind'] ?? defaultKind;
  if (typeof kind !== 'string' || kind === '') {
    const message = `kind is required: write for instance "kind: Workflow"`;
    context.report('error', message, [...path, 'kind']);
    return undefined;
  }
  if (!isManifestKind(kind)) {
    const nearest = nearestName(kind, Object.keys(API_VERSIONS));
    const advice =
      nearest === undefined
        ? `known kinds are ${Object.keys(API_VERSIONS).join(', ')}`
        : `did you mean "${nearest}"?`;
    context.report('error', `unknown kind "${kind}": ${advice}`, [...path, 'kind']);
    return undefined;
  }
  const version = object['apiVersion'];
  if (version !== API_VERSIONS[kind]) {
    const found = typeof version === 'string' ? `, but is "${version}"` : '';
    const message = `apiVersion of a ${kind} must be "${API_VERSIONS[kind]}"${found}`;
    // Argo reads by kind alone; a wrong version is refused only by those who ask for strictness.
    const at = version === undefined ? path : [...path, 'apiVersion'];
    context.report(context.strict ? 'error' : 'warning', message, at);
  }
  return kind;
}

function withHead(kind: ManifestKind, decoded: Record<string, unknown>): Manifest {
  const manifest = { ...decoded, apiVersion: API_VERSIONS[kind], kind };
  // The schema tables mirror the types of `Manifest`; this is the one place where they meet.
  return manifest as unknown as Manifest;
}

function checkName(manifest: Manifest, path: FieldPath, context: DecodeContext): void {
  const { name, generateName } = manifest.metadata;
  if ((name ?? '') !== '' || (generateName ?? '') !== '') return;
  const message = 'metadata.name or metadata.generateName is required';
  context.report('error', message, [...path, 'metadata']);
}
