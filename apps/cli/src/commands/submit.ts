import type { AppliedResource, Problem, SubmitWorkflowResponse } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { Workflow } from '@argosy/model';
import type { Connection } from '../client/connection.ts';
import { formatObject, parseJsonBytes, type OutputFormat } from '../view/output.ts';
import {
  EXIT,
  parseAssignments,
  sameReach,
  withConnection,
  type CommandContext,
  type GlobalOptions,
} from './context.ts';
import { readManifestTexts, splitByKind, type ManifestText } from './files.ts';
import { parametersOf } from './parameter-file.ts';
import { followWorkflow } from './follow.ts';

/** What a submission may change, as the command line has it. */
export interface SubmitFlags {
  readonly name?: string;
  readonly generateName?: string;
  readonly entrypoint?: string;
  readonly parameter?: readonly string[];
  readonly labels?: readonly string[];
  readonly parameterFile?: string;
  readonly serviceaccount?: string;
  readonly scheduledTime?: string;
  readonly priority?: number;
  readonly strict?: boolean;
  readonly dryRun?: boolean;
  readonly from?: string;
  readonly output?: OutputFormat;
  readonly watch?: boolean;
  readonly log?: boolean;
}

/** `argosy submit FILE… | --from KIND/NAME` */
export async function submitCommand(
  context: CommandContext,
  files: readonly string[],
  options: GlobalOptions & SubmitFlags,
): Promise<number> {
  const { workflows, others } = splitByKind(await readManifestTexts(context, files));
  if (workflows.length === 0 && options.from === undefined) {
    throw new ArgosyError(
      'INVALID_ARGUMENT',
      files.length === 0
        ? 'nothing to submit: name a file, or a template with --from workflowtemplate/NAME'
        : `there is no Workflow in ${files.join(', ')}: \`argosy apply\` declares other kinds`,
    );
  }
  return withConnection(context, options, async (connection) => {
    await applyTexts(context, connection, { texts: others, options });
    const answers: SubmitWorkflowResponse[] = [];
    if (options.from !== undefined) {
      answers.push(await submitFrom(connection, options.from, options));
    }
    for (const text of workflows) answers.push(await submitText(connection, text, options));
    let exitCode: number = EXIT.ok;
    for (const answer of answers) {
      exitCode = Math.max(exitCode, await showSubmitted(context, connection, { answer, options }));
    }
    return exitCode;
  });
}

/** Follows what was submitted, or names it; the exit code. */
async function showSubmitted(
  context: CommandContext,
  connection: Connection,
  submitted: {
    readonly answer: SubmitWorkflowResponse;
    readonly options: GlobalOptions & SubmitFlags;
  },
): Promise<number> {
  const { answer, options } = submitted;
  printWarnings(context, answer.warnings);
  const { name = '', namespace = '' } = answer.summary ?? {};
  const dryRun = options.dryRun === true;
  if (!dryRun && (options.watch === true || options.log === true)) {
    const reach = sameReach(options, context.env);
    const logs = options.log === true;
    return followWorkflow(context, connection, { name, namespace, logs, reach });
  }
  const { output: format = 'table' } = options;
  if (format === 'json' || format === 'yaml') {
    const workflow = parseJsonBytes<Workflow>(answer.workflowJson);
    context.stdout.write(`${formatObject(workflow, format)}\n`);
  } else if (format === 'name') {
    context.stdout.write(`${name}\n`);
  } else {
    const done = dryRun ? 'is good (dry run, nothing started)' : 'submitted';
    context.stdout.write(`${namespace}/${name} ${done}\n`);
  }
  return EXIT.ok;
}

/** Tells warnings about manifests, file and line first. */
export function printWarnings(context: CommandContext, warnings: readonly Problem[]): void {
  const severity = context.errorStyle.phase('Pending', 'warning');
  for (const { text } of warnings) context.notices.print(`${severity}: ${text}`);
}

type ApplyOptions = GlobalOptions & Pick<SubmitFlags, 'strict' | 'dryRun'>;

/** Applies one text of manifests; warnings are printed. Gives what was applied. */
export async function applyText(
  context: CommandContext,
  connection: Connection,
  work: { readonly text: ManifestText; readonly options: ApplyOptions },
): Promise<readonly AppliedResource[]> {
  const { text, options } = work;
  const answer = await connection.resources.applyResources({
    namespace: options.namespace ?? '',
    manifests: new TextEncoder().encode(text.text),
    file: text.file,
    strict: options.strict ?? false,
    dryRun: options.dryRun ?? false,
  });
  printWarnings(context, answer.warnings);
  return answer.resources;
}

/** Applies everything that is no Workflow, so that what a run refers to is there. */
export async function applyTexts(
  context: CommandContext,
  connection: Connection,
  work: { readonly texts: readonly ManifestText[]; readonly options: ApplyOptions },
): Promise<void> {
  const { texts, options } = work;
  for (const text of texts) await applyText(context, connection, { text, options });
}

/** Submits one Workflow; problems in it are told with file and line. */
export async function submitText(
  connection: Connection,
  { file, text }: ManifestText,
  options: GlobalOptions & SubmitFlags,
): Promise<SubmitWorkflowResponse> {
  return connection.workflows.submitWorkflow({
    namespace: options.namespace ?? '',
    source: { case: 'manifest', value: new TextEncoder().encode(text) },
    file,
    options: submitOptions(options),
  });
}

async function submitFrom(
  connection: Connection,
  from: string,
  options: GlobalOptions & SubmitFlags,
): Promise<SubmitWorkflowResponse> {
  const slash = from.indexOf('/');
  const kind = slash < 0 ? 'workflowtemplate' : from.slice(0, slash);
  const name = from.slice(slash + 1);
  if (name === '') {
    throw new ArgosyError(
      'INVALID_ARGUMENT',
      `--from takes KIND/NAME, for example workflowtemplate/build, not "${from}"`,
    );
  }
  return connection.workflows.submitWorkflow({
    namespace: options.namespace ?? '',
    source: { case: 'template', value: { kind, name } },
    options: submitOptions(options),
  });
}

function submitOptions(options: SubmitFlags): {
  readonly name: string;
  readonly generateName: string;
  readonly entrypoint: string;
  readonly parameters: Record<string, string>;
  readonly labels: Record<string, string>;
  readonly serviceAccount: string;
  readonly scheduledTime: string;
  readonly priority?: number;
  readonly strict: boolean;
  readonly dryRun: boolean;
} {
  return {
    name: options.name ?? '',
    generateName: options.generateName ?? '',
    entrypoint: options.entrypoint ?? '',
    parameters: {
      ...(options.parameterFile === undefined ? {} : parametersOf(options.parameterFile)),
      ...parseAssignments(options.parameter, '--parameter'),
    },
    serviceAccount: options.serviceaccount ?? '',
    scheduledTime: options.scheduledTime ?? '',
    labels: parseAssignments(
      options.labels?.flatMap((text) => text.split(',')),
      '--labels',
    ),
    ...(options.priority === undefined ? {} : { priority: options.priority }),
    strict: options.strict ?? false,
    dryRun: options.dryRun ?? false,
  };
}
