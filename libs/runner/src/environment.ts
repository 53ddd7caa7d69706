import { ArgosyError } from '@argosy/base';
import type { Container, EnvFromSource, EnvVar, SecretKeySelector } from '@argosy/model';
import { ENVIRONMENT_VALUE_BYTES_MAX } from './limits.ts';
import type { KeyedBytes, ResourceLookup, RunnerTask } from './types.ts';

export type Environment = Readonly<Record<string, string>>;

/**
 * Variables of the executor's own environment that a task sees. Everything else stays out, because it
 * may hold tokens.
 */
const INHERITED = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LANGUAGE',
  'TZ',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
]);

const PATH_DEFAULT = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The part of the executor's environment that tasks inherit; `extra` names are let through too. */
export function inheritedEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  extra: readonly string[] = [],
): Environment {
  const inherited: Record<string, string> = { PATH: PATH_DEFAULT };
  for (const [name, value] of Object.entries(own)) {
    if (value === undefined) continue;
    if (INHERITED.has(name) || name.startsWith('LC_') || extra.includes(name)) {
      inherited[name] = value;
    }
  }
  return inherited;
}

/**
 * The variables that a container declares: `envFrom` first, then `env`, later ones winning, with
 * `$(NAME)` replaced as Kubernetes does.
 * @throws ArgosyError INVALID_ARGUMENT or NOT_FOUND naming the variable and its source, never a value.
 */
export async function declaredEnvironment(
  container: Container,
  task: RunnerTask,
  resources: ResourceLookup,
): Promise<Environment> {
  const declared: Record<string, string> = {};
  for (const source of container.envFrom ?? []) {
    Object.assign(declared, await variablesOfSource(source, task.namespace, resources));
  }
  for (const variable of container.env ?? []) {
    const value = await valueOf(variable, { task, resources, earlier: declared });
    if (value !== undefined) declared[variable.name] = checked(variable.name, value);
  }
  return declared;
}

const PLAIN_NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;

async function variablesOfSource(
  source: EnvFromSource,
  namespace: string,
  resources: ResourceLookup,
): Promise<Environment> {
  const kind = source.secretRef === undefined ? 'ConfigMap' : 'Secret';
  const reference = source.secretRef ?? source.configMapRef;
  const name = reference?.name ?? '';
  const data = await lookUp(resources, kind, namespace, name);
  if (data === undefined) {
    if (reference?.optional === true) return {};
    throw new ArgosyError('NOT_FOUND', `envFrom: ${missingObject(kind, namespace, name)}`);
  }
  const variables: Record<string, string> = {};
  for (const [key, bytes] of Object.entries(data)) {
    const variable = (source.prefix ?? '') + key;
    if (PLAIN_NAME.test(variable)) variables[variable] = checked(variable, textOf(bytes));
  }
  return variables;
}

interface ValueContext {
  readonly task: RunnerTask;
  readonly resources: ResourceLookup;
  readonly earlier: Environment;
}

async function valueOf(variable: EnvVar, context: ValueContext): Promise<string | undefined> {
  if (!PLAIN_NAME.test(variable.name)) {
    throw new ArgosyError(
      'INVALID_ARGUMENT',
      `env: "${variable.name}" is no name of a variable; use letters, digits, "_", "-" and "."`,
    );
  }
  const from = variable.valueFrom;
  if (from === undefined) return expandReferences(variable.value ?? '', context.earlier);
  if (from.fieldRef !== undefined) return fieldOf(variable.name, from.fieldRef.fieldPath, context);
  if (from.secretKeyRef !== undefined) {
    return keyOf(variable.name, { kind: 'Secret', selector: from.secretKeyRef }, context);
  }
  if (from.configMapKeyRef !== undefined) {
    return keyOf(variable.name, { kind: 'ConfigMap', selector: from.configMapKeyRef }, context);
  }
  throw new ArgosyError(
    'UNIMPLEMENTED',
    `env ${variable.name}: valueFrom needs secretKeyRef, configMapKeyRef or fieldRef here`,
  );
}

interface KeySource {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly selector: SecretKeySelector;
}

async function keyOf(
  variable: string,
  source: KeySource,
  context: ValueContext,
): Promise<string | undefined> {
  const { kind, selector } = source;
  const { namespace } = context.task;
  const name = selector.name ?? '';
  const data = await lookUp(context.resources, kind, namespace, name);
  const bytes = data?.[selector.key];
  if (bytes !== undefined) return textOf(bytes);
  if (selector.optional === true) return undefined;
  const problem =
    data === undefined
      ? missingObject(kind, namespace, name)
      : `the ${kind} "${name}" has no key "${selector.key}"`;
  throw new ArgosyError('NOT_FOUND', `env ${variable}: ${problem}`);
}

function fieldOf(name: string, path: string, context: ValueContext): string {
  const { task } = context;
  const fields: Readonly<Record<string, string>> = {
    'metadata.name': task.podName,
    'metadata.namespace': task.namespace,
    'metadata.uid': task.taskId,
    'spec.nodeName': 'localhost',
    'spec.serviceAccountName': 'default',
    'status.podIP': '127.0.0.1',
    'status.hostIP': '127.0.0.1',
  };
  const label = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (label !== null) {
    const kind = label[1] === 'labels' ? 'labels' : 'annotations';
    return task.template.metadata?.[kind]?.[label[2] ?? ''] ?? '';
  }
  const value = fields[path];
  if (value === undefined) {
    throw new ArgosyError('INVALID_ARGUMENT', `env ${name}: unknown fieldPath "${path}"`);
  }
  return value;
}

/** Kubernetes' `$(NAME)`: a known name is replaced, an unknown one stays, `$$(` escapes. */
export function expandReferences(text: string, variables: Environment): string {
  return text.replace(
    /\$\$|\$\(([-._a-zA-Z][-._a-zA-Z0-9]*)\)/g,
    (all, name: string | undefined) => {
      if (name === undefined) return '$';
      return Object.hasOwn(variables, name) ? (variables[name] ?? all) : all;
    },
  );
}

function checked(name: string, value: string): string {
  if (value.includes('\0')) {
    throw new ArgosyError('INVALID_ARGUMENT', `env ${name}: the value holds a NUL byte`);
  }
  if (Buffer.byteLength(value) + name.length + 1 > ENVIRONMENT_VALUE_BYTES_MAX) {
    throw new ArgosyError(
      'RESOURCE_EXHAUSTED',
      `env ${name}: the value is longer than ${ENVIRONMENT_VALUE_BYTES_MAX} bytes, which is what ` +
        'the system passes to a process; hand it over as an input artifact',
    );
  }
  return value;
}

function lookUp(
  resources: ResourceLookup,
  kind: 'ConfigMap' | 'Secret',
  namespace: string,
  name: string,
): Promise<KeyedBytes | undefined> {
  return kind === 'Secret'
    ? resources.secret(namespace, name)
    : resources.configMap(namespace, name);
}

function missingObject(kind: string, namespace: string, name: string): string {
  return `there is no ${kind} "${name}" in namespace "${namespace}"; apply it first`;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
