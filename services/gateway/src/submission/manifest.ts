import { ArgosyError } from '@argosy/base';
import {
  formatProblem,
  hasErrors,
  parseManifests,
  type ManifestKind,
  type ParsedManifest,
  type Problem,
} from '@argosy/model';

/** Most problems that one error message lists. */
const PROBLEMS_IN_MESSAGE_MAX = 20;

/** Where a text of manifests comes from. */
export interface ManifestText {
  readonly text: string;
  /** Name in messages; absent for texts whose lines mean nothing to the sender. */
  readonly file?: string;
  readonly strict?: boolean;
  readonly defaultKind?: ManifestKind;
}

/** Reads manifests. @throws ArgosyError INVALID_ARGUMENT that names every error with its place. */
export function readManifests(source: ManifestText): {
  readonly manifests: readonly ParsedManifest[];
  readonly warnings: readonly Problem[];
} {
  const { text, file, strict, defaultKind } = source;
  const { manifests, problems } = parseManifests(text, {
    ...(file === undefined || file === '' ? {} : { file }),
    ...(strict === undefined ? {} : { strict }),
    ...(defaultKind === undefined ? {} : { defaultKind }),
  });
  refuseProblems(problems);
  if (manifests.length === 0) {
    throw new ArgosyError('INVALID_ARGUMENT', 'The text holds no manifest.');
  }
  return { manifests, warnings: problems };
}

/** @throws ArgosyError INVALID_ARGUMENT when one of the problems is an error. */
export function refuseProblems(problems: readonly Problem[]): void {
  if (hasErrors(problems)) throw new ArgosyError('INVALID_ARGUMENT', problemsText(problems));
}

/** The errors, a line each. */
export function problemsText(problems: readonly Problem[]): string {
  const errors = problems.filter((problem) => problem.severity === 'error');
  const lines = errors.slice(0, PROBLEMS_IN_MESSAGE_MAX).map((problem) => formatProblem(problem));
  const rest = errors.length - lines.length;
  return [...lines, ...(rest > 0 ? [`… and ${rest} more`] : [])].join('\n');
}

/** Problems without the places of a text that the sender never saw. */
export function withoutPlaces(problems: readonly Problem[]): readonly Problem[] {
  return problems.map(({ message, path, severity }) => ({ message, path, severity }));
}
