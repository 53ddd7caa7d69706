import { convertManifests, formatProblem, hasErrors } from '@argosy/model';
import { EXIT, type CommandContext } from './context.ts';
import { readManifestTexts } from './files.ts';

/**
 * `argosy convert FILE…`: prints the manifests with the fields of Argo 4 in the place of those of
 * Argo 3; what was changed is told on standard error.
 */
export async function convertCommand(
  context: CommandContext,
  files: readonly string[],
): Promise<number> {
  const texts = await readManifestTexts(context, files);
  const converted = texts.map(({ file, text }) => convertManifests(text, { file }));
  for (const problem of converted.flatMap(({ problems }) => problems)) {
    context.notices.print(formatProblem(problem));
  }
  if (converted.some(({ problems }) => hasErrors(problems))) return EXIT.usage;
  context.stdout.write(converted.map(({ text }) => ended(text)).join('---\n'));
  return EXIT.ok;
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
