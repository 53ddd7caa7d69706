import {
  createTemplateLookup,
  formatProblem,
  parseManifests,
  validateParsed,
  type ParsedManifest,
  type Problem,
} from '@argosy/model';
import type { ManifestText } from './files.ts';

export interface LintReport {
  readonly problems: readonly { readonly text: string; readonly severity: Problem['severity'] }[];
  /** How many manifests could be read. */
  readonly manifests: number;
}

/** Checks texts without a server: what they refer to has to be among them. */
export function lintTexts(
  texts: readonly ManifestText[],
  options: { readonly strict: boolean; readonly namespace: string | undefined },
): LintReport {
  const problems: Problem[] = [];
  const parsed: ParsedManifest[] = [];
  for (const { file, text } of texts) {
    const result = parseManifests(text, { file, strict: options.strict });
    problems.push(...result.problems);
    parsed.push(...result.manifests);
  }
  const lookup = createTemplateLookup(
    parsed.map(({ manifest }) => manifest),
    options.namespace,
  );
  for (const manifest of parsed) {
    problems.push(...validateParsed(manifest, { lookup, lint: true }));
  }
  return {
    manifests: parsed.length,
    problems: problems.map((problem) => ({
      text: formatProblem(problem),
      severity: problem.severity,
    })),
  };
}
