import { err, ok, parseArgoDuration, type Result } from '@argosy/base';
import { parse } from 'yaml';
import type { WorkflowDefaults } from '../defaults/workflow-spec.ts';
import { parseManifests } from '../parse/manifests.ts';
import type { Problem } from '../problem.ts';
import type { ConfigMap } from '../types/config.ts';

/** Name of the ConfigMap that configures an installation, as with Argo. */
export const CONTROLLER_CONFIG_MAP = 'workflow-controller-configmap';

/** How many finished runs are kept, by their phase; absent: all of them. */
export interface RetentionPolicy {
  readonly completed?: number;
  readonly failed?: number;
  readonly errored?: number;
}

/** `Strict` and `Secure`: only workflows made from a template are run. */
export type TemplateReferencing = 'Strict' | 'Secure';

/** What an image starts when the manifest names no command. */
export interface ImageCommand {
  readonly cmd?: readonly string[];
  readonly entrypoint?: readonly string[];
}

/** The settings of Argo's controller that have a meaning here. Limits of 0 count as none. */
export interface ControllerConfig {
  readonly workflowDefaults?: WorkflowDefaults;
  /** Most runs at work at once in the whole installation. */
  readonly parallelism?: number;
  /** Most runs at work at once in one namespace. */
  readonly namespaceParallelism?: number;
  readonly retentionPolicy?: RetentionPolicy;
  readonly templateReferencing?: TemplateReferencing;
  readonly images?: Readonly<Record<string, ImageCommand>>;
  /** How long a metric that a workflow made stays after its last change, milliseconds. */
  readonly metricsTtlMs?: number;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the ConfigMap in either of Argo's forms: one key `config` with everything in it, or a key
 * for every setting. Settings that have no meaning here are passed over.
 */
export function parseControllerConfig(
  configMap: ConfigMap,
): Result<ControllerConfig, readonly Problem[]> {
  const problems: Problem[] = [];
  const report = (path: string, message: string): void => {
    problems.push({ path: `data.${path}`, message, severity: 'error' });
  };
  const fields = fieldsOf(configMap.data ?? {}, report);
  const config: ControllerConfig = {
    ...named('workflowDefaults', defaultsOf(fields['workflowDefaults'], report)),
    ...named('parallelism', count(fields, 'parallelism', report)),
    ...named('namespaceParallelism', count(fields, 'namespaceParallelism', report)),
    ...named('retentionPolicy', retentionOf(fields['retentionPolicy'], report)),
    ...named('templateReferencing', referencingOf(fields['workflowRestrictions'], report)),
    ...named('images', imagesOf(fields['images'], report)),
    ...named('metricsTtlMs', metricsTtlOf(fields['metricsConfig'], report)),
  };
  return problems.length === 0 ? ok(config) : err(problems);
}

type Report = (path: string, message: string) => void;

function named<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in Name]: Value });
}

function fieldsOf(data: Readonly<Record<string, string>>, report: Report): Fields {
  const whole = data['config'];
  if (whole === undefined) {
    const read = Object.entries(data).map(([key, text]) => [key, yamlOf(key, text, report)]);
    return Object.fromEntries(read) as Fields;
  }
  if (Object.keys(data).length > 1) {
    report('config', 'beside the key "config" there may be no other key: move them into it');
  }
  return objectOf('config', yamlOf('config', whole, report), report) ?? {};
}

function yamlOf(key: string, text: string, report: Report): unknown {
  try {
    return parse(text, { version: '1.1', logLevel: 'silent' }) as unknown;
  } catch (thrown) {
    report(key, `is not valid YAML: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    return undefined;
  }
}

function objectOf(path: string, value: unknown, report: Report): Fields | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object' && !Array.isArray(value)) return value as Fields;
  report(path, 'must be a map of settings');
  return undefined;
}

/** A limit; 0 and absence mean that there is none. */
function count(fields: Fields, name: string, report: Report, at = name): number | undefined {
  const value = fields[name];
  if (value === undefined || value === null || value === 0) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  report(at, 'must be a whole number, 0 or more');
  return undefined;
}

/** The defaults are read as a Workflow, so that values take the forms that they have there. */
function defaultsOf(value: unknown, report: Report): WorkflowDefaults | undefined {
  const fields = objectOf('workflowDefaults', value, report);
  if (fields === undefined) return undefined;
  const text = JSON.stringify({ metadata: {}, spec: {}, ...fields, kind: 'Workflow' });
  const { manifests, problems } = parseManifests(text, {
    defaultKind: 'Workflow',
    requireName: false,
  });
  for (const { path, message, severity } of problems) {
    if (severity === 'error') report(`workflowDefaults.${path}`, message);
  }
  const manifest = manifests[0]?.manifest;
  if (manifest?.kind !== 'Workflow') return undefined;
  const { labels, annotations } = manifest.metadata;
  return {
    metadata: { ...named('labels', labels), ...named('annotations', annotations) },
    spec: manifest.spec,
  };
}

/** Here 0 is a policy: none is kept. A negative number keeps all, as absence does. */
function retentionOf(value: unknown, report: Report): RetentionPolicy | undefined {
  const fields = objectOf('retentionPolicy', value, report);
  if (fields === undefined) return undefined;
  const kept = (name: string): number | undefined => {
    const most = fields[name];
    if (most === undefined || most === null) return undefined;
    if (typeof most === 'number' && Number.isSafeInteger(most)) return most < 0 ? undefined : most;
    report(`retentionPolicy.${name}`, 'must be a whole number');
    return undefined;
  };
  return {
    ...named('completed', kept('completed')),
    ...named('failed', kept('failed')),
    ...named('errored', kept('errored')),
  };
}

function referencingOf(value: unknown, report: Report): TemplateReferencing | undefined {
  const mode = objectOf('workflowRestrictions', value, report)?.['templateReferencing'];
  if (mode === undefined || mode === null || mode === '') return undefined;
  if (mode === 'Strict' || mode === 'Secure') return mode;
  report('workflowRestrictions.templateReferencing', 'must be Strict or Secure');
  return undefined;
}

function imagesOf(value: unknown, report: Report): Record<string, ImageCommand> | undefined {
  const fields = objectOf('images', value, report);
  if (fields === undefined) return undefined;
  const entries = Object.entries(fields).map(([image, entry]) => {
    const at = `images.${image}`;
    const given = objectOf(at, entry, report) ?? {};
    const words = (name: 'cmd' | 'entrypoint'): readonly string[] | undefined => {
      const list = given[name];
      if (list === undefined || list === null) return undefined;
      if (Array.isArray(list)) return list.map(String);
      report(`${at}.${name}`, 'must be a list of words');
      return undefined;
    };
    const command: ImageCommand = {
      ...named('cmd', words('cmd')),
      ...named('entrypoint', words('entrypoint')),
    };
    return [image, command] as const;
  });
  return Object.fromEntries(entries);
}

function metricsTtlOf(value: unknown, report: Report): number | undefined {
  const ttl = objectOf('metricsConfig', value, report)?.['metricsTTL'];
  if (ttl === undefined || ttl === null || ttl === '') return undefined;
  const parsed = typeof ttl === 'string' ? parseArgoDuration(ttl) : err('is no duration');
  if (parsed.ok) return parsed.value;
  report('metricsConfig.metricsTTL', 'must be a duration such as "10m"');
  return undefined;
}
