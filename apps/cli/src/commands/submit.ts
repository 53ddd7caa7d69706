import type { SubmitWorkflowResponse } from '@argosy/api';
import type { Workflow } from '@argosy/model';
import type { Connection } from '../client/connection.ts';
import { formatObject, outputFormat, parseJsonBytes } from '../view/output.ts';
import {
  EXIT,
  parseAssignments,
  withConnection,
  type CommandContext,
  type GlobalOptions,
} from './context.ts';
import { readManifestTexts, splitByKind, type ManifestText } from './files.ts';
import { followWorkflow } from './follow.ts';

/** What a submission may change, as the command line has it. */
export interface SubmitFlags {
  readonly name?: string;
  readonly generateName?: string;
  readonly entrypoint?: string;
  readonly parameter?: readonly string[];
  readonly labels?: readonly string[];
  readonly priority?: string;
  readonly strict?: boolean;
  readonly dryRun?: boolean;
  readonly from?: string;
  readonly output?: string;
  readonly watch?: boolean;
  readonly log?: boolean;
}

/** `argosy submit FILE… | --from KIND/NAME` */
export async function submitCommand(
  context: CommandContext,
  files: readonly string[],
  options: GlobalOptions & SubmitFlags,
): Promise<number> {
  const format = outputFormat(options.output);
  const { workflows, others } = splitByKind(await readManifestTexts(context, files));
  return withConnection(options, async (connection) => {
    await applyTexts(connection, others, options);
    const answers: SubmitWorkflowResponse[] = [];
    if (options.from !== undefined) {
      answers.push(await submitFrom(connection, options.from, options));
    }
    for (const text of workflows) answers.push(await submitText(connection, text, options));
    let exitCode: number = EXIT.ok;
    for (const answer of answers) {
      for (const warning of answer.warnings) context.stderr.write(`warning: ${warning.text}\n`);
      const { name = '', namespace = '' } = answer.summary ?? {};
      if (options.watch === true || options.log === true) {
        const followed = await followWorkflow(context, connection, {
          name,
          namespace,
          logs: options.log === true,
        });
        exitCode = Math.max(exitCode, followed);
      } else if (format === 'json' || format === 'yaml') {
        const workflow = parseJsonBytes<Workflow>(answer.workflowJson);
        context.stdout.write(`${formatObject(workflow, format)}\n`);
      } else {
        context.stdout.write(format === 'name' ? `${name}\n` : `${namespace}/${name} submitted\n`);
      }
    }
    return exitCode;
  });
}

/** Applies everything that is no Workflow, so that what a run refers to is there. */
export async function applyTexts(
  connection: Connection,
  texts: readonly ManifestText[],
  options: GlobalOptions,
): Promise<void> {
  for (const { file, text } of texts) {
    await connection.resources.applyResources({
      namespace: options.namespace ?? '',
      manifests: new TextEncoder().encode(text),
      file,
    });
  }
}

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
  return connection.workflows.submitWorkflow({
    namespace: options.namespace ?? '',
    source: { case: 'template', value: { kind, name: from.slice(slash + 1) } },
    options: submitOptions(options),
  });
}

function submitOptions(options: SubmitFlags): {
  readonly name: string;
  readonly generateName: string;
  readonly entrypoint: string;
  readonly parameters: Record<string, string>;
  readonly labels: Record<string, string>;
  readonly priority?: number;
  readonly strict: boolean;
  readonly dryRun: boolean;
} {
  return {
    name: options.name ?? '',
    generateName: options.generateName ?? '',
    entrypoint: options.entrypoint ?? '',
    parameters: parseAssignments(options.parameter, '--parameter'),
    labels: parseAssignments(
      options.labels?.flatMap((text) => text.split(',')),
      '--labels',
    ),
    ...(options.priority === undefined ? {} : { priority: Number(options.priority) }),
    strict: options.strict ?? false,
    dryRun: options.dryRun ?? false,
  };
}
