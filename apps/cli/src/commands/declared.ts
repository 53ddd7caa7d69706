import { ApplyResourcesRequest_Mode as Mode } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { Manifest } from '@argosy/model';
import { parse } from 'yaml';
import type { Connection } from '../client/connection.ts';
import { humanDuration } from '../view/duration.ts';
import { formatObject, parseJsonBytes, type OutputFormat } from '../view/output.ts';
import { table } from '../view/table.ts';
import {
  EXIT,
  parseAssignments,
  withConnection,
  type CommandContext,
  type GlobalOptions,
} from './context.ts';
import { readManifestTexts, splitByKind, type ManifestText } from './files.ts';
import { printWarnings } from './submit.ts';

/** A declared manifest as the server gives it. */
export type Declared<Kind extends Manifest['kind'] = Manifest['kind']> = Extract<
  Manifest,
  { readonly kind: Kind }
>;

/** A kind of manifest with commands of its own, as Argo's command line has them. */
export interface DeclaredCommands<Kind extends Manifest['kind'] = Manifest['kind']> {
  readonly kind: Kind;
  /** What people call one. */
  readonly noun: string;
  readonly isCluster: boolean;
  /** Columns of the list after the name. */
  readonly columns: readonly string[];
  row(manifest: Declared<Kind>, nowMs: number): readonly string[];
  /** What `get` shows. */
  view(manifest: Declared<Kind>, context: CommandContext): string;
  /** What `get` shows besides and must ask for; lines. */
  more?(manifest: Declared<Kind>, connection: Connection): Promise<string>;
}

export interface DeclaredFlags {
  readonly output?: OutputFormat;
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly all?: boolean;
  readonly strict?: boolean;
  readonly name?: string;
  readonly schedule?: string;
  readonly entrypoint?: string;
  readonly parameter?: readonly string[];
  readonly labels?: readonly string[];
}

type Options = GlobalOptions & DeclaredFlags;

/** `argosy cron|template|cluster-template create|update FILE…` */
export async function writeDeclared(
  context: CommandContext,
  commands: DeclaredCommands,
  request: {
    readonly verb: 'create' | 'update';
    readonly files: readonly string[];
    readonly options: Options;
  },
): Promise<number> {
  const { verb, files, options } = request;
  const { workflows, others } = splitByKind(await readManifestTexts(context, files));
  const texts = [...workflows, ...others].map((text) => withFlags(text, options));
  return withConnection(context, options, async (connection) => {
    for (const text of texts) {
      const answer = await connection.resources.applyResources({
        namespace: options.namespace ?? '',
        manifests: new TextEncoder().encode(text.text),
        file: text.file,
        strict: options.strict ?? false,
        mode: verb === 'create' ? Mode.CREATE : Mode.REPLACE,
        kind: commands.kind,
      });
      printWarnings(context, answer.warnings);
      for (const { resource } of answer.resources) {
        const manifest = parseJsonBytes<Declared>(resource?.manifestJson ?? new Uint8Array());
        const done = `${commands.noun} ${resource?.name ?? ''} ${verb}d`;
        context.stdout.write(`${textOf(manifest, options, () => done)}\n`);
      }
    }
    return EXIT.ok;
  });
}

/** `… list` */
export async function listDeclared<Kind extends Manifest['kind']>(
  context: CommandContext,
  commands: DeclaredCommands<Kind>,
  options: Options,
): Promise<number> {
  return withConnection(context, options, async (connection) => {
    const found = (await fetchAll(connection, commands, options)) as readonly Declared<Kind>[];
    const { output: format = 'table' } = options;
    if (format === 'json' || format === 'yaml') {
      context.stdout.write(`${formatObject(found, format)}\n`);
    } else if (format === 'name') {
      context.stdout.write(found.map(({ metadata }) => `${metadata.name ?? ''}\n`).join(''));
    } else if (found.length === 0) {
      context.stderr.write(`no ${commands.noun}s\n`);
    } else {
      context.stdout.write(`${table(listRows(context, commands, { found, options }))}\n`);
    }
    return EXIT.ok;
  });
}

function listRows<Kind extends Manifest['kind']>(
  { style }: CommandContext,
  commands: DeclaredCommands<Kind>,
  list: { readonly found: readonly Declared<Kind>[]; readonly options: Options },
): readonly (readonly string[])[] {
  const nowMs = Date.now();
  const withNamespace = list.options.allNamespaces === true && !commands.isCluster;
  const head = [...(withNamespace ? ['NAMESPACE'] : []), 'NAME', ...commands.columns];
  const rows = list.found.map((manifest) => [
    ...(withNamespace ? [manifest.metadata.namespace ?? ''] : []),
    manifest.metadata.name ?? '',
    ...commands.row(manifest, nowMs),
  ]);
  return [head.map(style.bold), ...rows];
}

/** `… get NAME…` */
export async function getDeclared<Kind extends Manifest['kind']>(
  context: CommandContext,
  commands: DeclaredCommands<Kind>,
  request: { readonly names: readonly string[]; readonly options: Options },
): Promise<number> {
  const { names, options } = request;
  return withConnection(context, options, async (connection) => {
    const texts: string[] = [];
    for (const name of names) {
      const manifest = await fetchOne<Kind>(connection, commands.kind, { ...options, name });
      const isForPeople = options.output === undefined || options.output === 'wide';
      const more = isForPeople ? ((await commands.more?.(manifest, connection)) ?? '') : '';
      texts.push(textOf(manifest, options, () => commands.view(manifest, context) + more));
    }
    const between = options.output === 'yaml' ? '---\n' : '';
    context.stdout.write(texts.map((text) => `${text}\n`).join(between));
    return EXIT.ok;
  });
}

/** `… delete NAME… | --all` */
export async function deleteDeclared(
  context: CommandContext,
  commands: DeclaredCommands,
  request: { readonly names: readonly string[]; readonly options: Options },
): Promise<number> {
  const { options } = request;
  if (request.names.length === 0 && options.all !== true) {
    const message = `name a ${commands.noun} to delete, or all of them with --all`;
    throw new ArgosyError('INVALID_ARGUMENT', message);
  }
  return withConnection(context, options, async (connection) => {
    const names =
      options.all === true
        ? (await fetchAll(connection, commands, options)).map(({ metadata }) => metadata.name ?? '')
        : request.names;
    for (const name of names) {
      const { kind } = commands;
      await connection.resources.deleteResource({
        kind,
        namespace: options.namespace ?? '',
        name,
      });
      context.stdout.write(`${commands.noun} ${name} deleted\n`);
    }
    return EXIT.ok;
  });
}

/** One object. @throws ArgosyError NOT_FOUND */
export async function fetchOne<Kind extends Manifest['kind']>(
  connection: Connection,
  kind: Kind,
  target: { readonly namespace?: string; readonly name: string },
): Promise<Declared<Kind>> {
  const { namespace = '', name } = target;
  const { resource } = await connection.resources.getResource({ kind, namespace, name });
  return parseJsonBytes<Declared<Kind>>(resource?.manifestJson ?? new Uint8Array());
}

async function fetchAll(
  connection: Connection,
  { kind, isCluster }: { readonly kind: Manifest['kind']; readonly isCluster: boolean },
  options: Options,
): Promise<readonly Declared[]> {
  const isEverywhere = isCluster || options.allNamespaces === true;
  const { resources } = await connection.resources.listResources({
    kind,
    namespace: isEverywhere ? '' : (options.namespace ?? 'default'),
    labelSelector: options.selector ?? '',
  });
  return resources.map(({ manifestJson }) => parseJsonBytes<Declared>(manifestJson));
}

function textOf(
  manifest: Declared,
  { output = 'table' }: Options,
  forPeople: () => string,
): string {
  if (output === 'json' || output === 'yaml') return formatObject(manifest, output);
  return output === 'name' ? (manifest.metadata.name ?? '') : forPeople();
}

/** The age of an object, for lists. */
export function ageOf({ metadata }: Declared, nowMs: number): string {
  const createdMs = Date.parse(metadata.creationTimestamp ?? '');
  return Number.isNaN(createdMs) ? '' : humanDuration(nowMs - createdMs);
}

/** The text with what the options change in it; as it is, lines and all, when they change nothing. */
function withFlags(text: ManifestText, options: Options): ManifestText {
  const { name, schedule, entrypoint, parameter, labels } = options;
  const given = [name, schedule, entrypoint, parameter, labels];
  if (given.every((value) => value === undefined)) return text;
  const manifest = parse(text.text) as Changeable | null;
  if (manifest === null || typeof manifest !== 'object') return text;
  const added = parseAssignments(
    labels?.flatMap((one) => one.split(',')),
    '--labels',
  );
  const changed = {
    ...manifest,
    metadata: {
      ...manifest.metadata,
      ...(name === undefined ? {} : { name }),
      labels: { ...manifest.metadata?.labels, ...added },
    },
    spec: {
      ...manifest.spec,
      ...(schedule === undefined ? {} : { schedules: [schedule] }),
      ...(manifest.kind === 'CronWorkflow'
        ? { workflowSpec: specWith(manifest.spec?.workflowSpec, options) }
        : {}),
    },
  };
  return { file: text.file, text: JSON.stringify(changed) };
}

interface Changeable {
  readonly kind?: string;
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: { readonly workflowSpec?: ChangeableSpec };
}

interface ChangeableSpec {
  readonly arguments?: { readonly parameters?: readonly { readonly name: string }[] };
}

function specWith(spec: ChangeableSpec | undefined, options: Options): object {
  const values = parseAssignments(options.parameter, '--parameter');
  const others = (spec?.arguments?.parameters ?? []).filter(({ name }) => !(name in values));
  const given = Object.entries(values).map(([name, value]) => ({ name, value }));
  return {
    ...spec,
    ...(options.entrypoint === undefined ? {} : { entrypoint: options.entrypoint }),
    ...(given.length === 0
      ? {}
      : { arguments: { ...spec?.arguments, parameters: [...others, ...given] } }),
  };
}
