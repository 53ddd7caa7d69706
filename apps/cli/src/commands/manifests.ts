import { AppliedResource_Outcome, type AppliedResource } from '@argosy/api';
import { formatObject, parseJsonBytes, type OutputFormat } from '../view/output.ts';
import { EXIT, withConnection, type CommandContext, type GlobalOptions } from './context.ts';
import { readManifestTexts, type ManifestText } from './files.ts';
import { lintTexts } from './offline-lint.ts';
import { applyText } from './submit.ts';

export interface ManifestFlags {
  readonly strict?: boolean;
  readonly dryRun?: boolean;
  readonly offline?: boolean;
  readonly output?: OutputFormat;
}

interface LintProblem {
  readonly text: string;
  readonly severity: string;
}

const OUTCOMES: Readonly<Record<AppliedResource_Outcome, string>> = {
  [AppliedResource_Outcome.UNSPECIFIED]: 'applied',
  [AppliedResource_Outcome.CREATED]: 'created',
  [AppliedResource_Outcome.CONFIGURED]: 'configured',
  [AppliedResource_Outcome.UNCHANGED]: 'unchanged',
};

/** `argosy apply FILE…` */
export async function applyCommand(
  context: CommandContext,
  files: readonly string[],
  options: GlobalOptions & ManifestFlags,
): Promise<number> {
  const texts = await readManifestTexts(context, files);
  return withConnection(context, options, async (connection) => {
    for (const text of texts) {
      for (const applied of await applyText(context, connection, { text, options })) {
        context.stdout.write(`${appliedText(applied, options)}\n`);
      }
    }
    return EXIT.ok;
  });
}

function appliedText({ resource, outcome }: AppliedResource, options: ManifestFlags): string {
  const { output: format = 'table', dryRun = false } = options;
  if (resource === undefined) return OUTCOMES[outcome];
  const name = `${resource.kind.toLowerCase()}/${resource.name}`;
  if (format === 'name') return name;
  if (format === 'json' || format === 'yaml') {
    const text = formatObject(parseJsonBytes(resource.manifestJson), format);
    return format === 'yaml' ? `---\n${text}` : text;
  }
  return `${name} ${OUTCOMES[outcome]}${dryRun ? ' (dry run)' : ''}`;
}

/** `argosy lint FILE…`: by the server, or on this machine alone with --offline. */
export async function lintCommand(
  context: CommandContext,
  files: readonly string[],
  options: GlobalOptions & ManifestFlags,
): Promise<number> {
  const texts = await readManifestTexts(context, files);
  const strict = options.strict ?? true;
  const report =
    options.offline === true
      ? lintTexts(texts, { strict, namespace: options.namespace })
      : await lintByServer(context, options, { texts, strict });
  for (const { severity, text } of report.problems) {
    const painted = context.style.phase(severity === 'error' ? 'Failed' : 'Pending', severity);
    context.stdout.write(`${painted}: ${text}\n`);
  }
  const errors = report.problems.filter(({ severity }) => severity === 'error').length;
  const verdict = errors === 0 ? 'no errors' : counted(errors, 'error');
  context.stdout.write(`${counted(report.manifests, 'manifest')} read, ${verdict}\n`);
  return errors === 0 ? EXIT.ok : EXIT.failed;
}

async function lintByServer(
  context: CommandContext,
  options: GlobalOptions,
  { texts, strict }: { readonly texts: readonly ManifestText[]; readonly strict: boolean },
): Promise<{ readonly problems: readonly LintProblem[]; readonly manifests: number }> {
  return withConnection(context, options, async (connection) => {
    const problems: LintProblem[] = [];
    let manifests = 0;
    for (const { file, text } of texts) {
      const answer = await connection.workflows.lintWorkflow({
        namespace: options.namespace ?? '',
        manifests: new TextEncoder().encode(text),
        file,
        strict,
      });
      problems.push(...answer.problems);
      manifests += answer.manifests;
    }
    return { problems, manifests };
  });
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
