import { ArgosyError, err, ok, type Result } from '@argosy/base';
import { parseManifests } from '@argosy/model';
import { readFileSource } from './resource-source-file.ts';
import { gitSourceProblems, readGitSource } from './resource-source-git.ts';
import { readS3Source, s3SourceProblems } from './resource-source-s3.ts';
import { readUrlSource, urlSourceProblems } from './resource-source-url.ts';
import { textOf } from './call-settings.ts';
import {
  isRecord,
  type TriggerCall,
  type TriggerEnvironment,
  type TriggerOutcome,
} from './trigger.ts';

type Settings = Readonly<Record<string, unknown>>;

/** What reading the text of a source takes. */
export interface SourceScope {
  readonly call: TriggerCall;
  readonly environment: TriggerEnvironment;
}

/** One place that the object of a trigger may come from. */
interface SourceKind {
  readonly name: string;
  /** What is wrong with the settings; sentences. */
  problems(settings: unknown): readonly string[];
  /**
   * The text of the object.
   * @throws ArgosyError: with advice to try again the attempt failed, else it is refused
   */
  read(settings: unknown, scope: SourceScope): Promise<string>;
}

/** In the order in which Argo Events looks: the first one that is given counts. */
const KINDS: readonly SourceKind[] = [
  { name: 's3', problems: s3SourceProblems, read: readS3Source },
  {
    name: 'inline',
    problems: (text) => (typeof text === 'string' ? [] : ['source.inline must be text']),
    read: (text) => Promise.resolve(String(text)),
  },
  {
    name: 'file',
    problems: (file) =>
      textOf(isRecord(file) ? file['path'] : undefined) === undefined
        ? ['source.file.path is missing; name a file']
        : [],
    read: readFileSource,
  },
  { name: 'url', problems: urlSourceProblems, read: readUrlSource },
  { name: 'git', problems: gitSourceProblems, read: readGitSource },
  {
    name: 'configmap',
    problems: (selector) =>
      isRecord(selector) && typeof selector['name'] === 'string'
        ? []
        : ['source.configmap must name a ConfigMap and one of its keys: {name, key}'],
    read: (selector, scope) => Promise.resolve(configMapText(selector, scope)),
  },
  {
    name: 'resource',
    problems: (object) => (isRecord(object) ? [] : ['source.resource must be an object']),
    read: (object) => Promise.resolve(JSON.stringify(object)),
  },
];

/** What is wrong with a trigger's `source`; sentences. */
export function sourceProblems(source: unknown): readonly string[] {
  if (!isRecord(source)) return ['source is missing; give the object under source.resource'];
  const kind = kindOf(source);
  if (kind !== undefined) return kind.problems(source[kind.name]);
  const given = Object.keys(source).join(', ') || 'nothing';
  const known = KINDS.map(({ name }) => name).join(', ');
  return [`source: ${given} is not supported here; use one of ${known}`];
}

function kindOf(source: Settings): SourceKind | undefined {
  return KINDS.find(({ name }) => source[name] !== undefined && source[name] !== null);
}

/** Why there is no object: it may be there at another attempt (Failed), or not (Refused). */
export type SourceFailure = Extract<TriggerOutcome, { readonly kind: 'Failed' | 'Refused' }>;

/** The object that a trigger works on, as JSON text with its parameters applied. */
export async function sourceText(scope: SourceScope): Promise<Result<string, SourceFailure>> {
  const { source, parameters } = scope.call.settings;
  const object = await sourceObject(isRecord(source) ? source : {}, scope);
  if (!object.ok) return object;
  const applied = scope.call.apply(parameters, JSON.stringify(object.value));
  return applied.ok ? applied : refused(applied.error);
}

async function sourceObject(
  source: Settings,
  scope: SourceScope,
): Promise<Result<unknown, SourceFailure>> {
  const kind = kindOf(source);
  if (kind === undefined) return refused('source is missing');
  const { resource } = source;
  if (kind.name === 'resource') return ok(resource);
  try {
    return objectOfText(await kind.read(source[kind.name], scope), `source.${kind.name}`);
  } catch (error) {
    const { message, retry } = ArgosyError.fromUnknown(error);
    const reason = `source.${kind.name}: ${message}`;
    return retry === 'never' ? refused(reason) : err({ kind: 'Failed', reason });
  }
}

function refused(reason: string): Result<never, SourceFailure> {
  return err({ kind: 'Refused', reason });
}

function objectOfText(text: string, file: string): Result<unknown, SourceFailure> {
  const { manifests, problems } = parseManifests(text, { file, strict: false });
  const error = problems.find((problem) => problem.severity === 'error');
  if (error !== undefined) return refused(`${file}: ${error.message}`);
  const first = manifests[0]?.manifest;
  return first === undefined ? refused(`${file} holds no object`) : ok(first);
}

function configMapText(selector: unknown, { call, environment }: SourceScope): string {
  const { name, key } = isRecord(selector) ? selector : {};
  const text = environment.values.configMap(call.namespace, String(name), String(key));
  if (text !== undefined) return text;
  const message = `the ConfigMap ${String(name)} has no key ${String(key)}`;
  throw new ArgosyError('NOT_FOUND', message);
}
