import { AppliedResource_Outcome } from '@argosy/api';
import { EXIT, withConnection, type CommandContext, type GlobalOptions } from './context.ts';
import { readManifestTexts } from './files.ts';
import { lintTexts } from './offline-lint.ts';

export interface ManifestFlags {
  readonly strict?: boolean;
  readonly dryRun?: boolean;
  readonly offline?: boolean;
  readonly output?: string;
}

const OUTCOMES: Readonly<Record<AppliedResource_Outcome, string>> = {
  [AppliedResource_Outcome.UNSPECIFIED]: 'applied',
  [AppliedResource_Outcome.CREATED]: 'created',
  [AppliedResource_Outcome.CONFIGURED]: 'configured',
  [AppliedResource_Outcome.UNCHANGED]: 'unchanged',
};

/** `argosy apply -f FILE…` */
export async function applyCommand(
  context: CommandContext,
  files: readonly string[],
  options: GlobalOptions & ManifestFlags,
): Promise<number> {
  const texts = await readManifestTexts(context, files);
  return withConnection(options, async (connection) => {
    for (const { file, text } of texts) {
      const answer = await connection.resources.applyResources({
        namespace: options.namespace ?? '',
        manifests: new TextEncoder().encode(text),
        file,
        strict: options.strict ?? false,
        dryRun: options.dryRun ?? false,
      });
      for (const warning of answer.warnings) context.stderr.write(`warning: ${warning.text}\n`);
      for (const { resource, outcome } of answer.resources) {
        const kind = resource?.kind.toLowerCase() ?? '';
        const suffix = options.dryRun === true ? ' (dry run)' : '';
        context.stdout.write(`${kind}/${resource?.name ?? ''} ${OUTCOMES[outcome]}${suffix}\n`);
      }
    }
    return EXIT.ok;
  });
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
      : await withConnection(options, async (connection) => {
          const problems: { readonly text: string; readonly severity: string }[] = [];
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
  for (const { severity, text } of report.problems) {
    const painted = context.style.phase(severity === 'error' ? 'Failed' : 'Pending', severity);
    context.stdout.write(`${painted}: ${text}\n`);
  }
  const errors = report.problems.filter(({ severity }) => severity === 'error').length;
  const verdict = errors === 0 ? 'no errors' : `${errors} ${errors === 1 ? 'error' : 'errors'}`;
  context.stdout.write(`${report.manifests} manifests read, ${verdict}\n`);
  return errors === 0 ? EXIT.ok : EXIT.failed;
}
