import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  applySubmitOptions,
  convertManifests,
  createTemplateLookup,
  formatProblem,
  hasErrors,
  parseManifests,
  validateParsed,
  type Manifest,
  type ParsedManifest,
  type ParsedManifests,
  type Problem,
  type ValidateOptions,
  type Workflow,
  type WorkflowDefaults,
} from '@argosy/model';
import { failed, passed, skipped, type CaseOutcome } from '../adapter.ts';

/** The keys of a case that say whether a manifest is to be accepted. */
export interface ValidityCase {
  readonly name: string;
  readonly file: string;
  readonly setup?: readonly string[];
  readonly needs?: readonly string[];
  readonly submit?: {
    readonly mode?: string;
    readonly parameters?: Readonly<Record<string, unknown>>;
    readonly workflowDefaults?: WorkflowDefaults;
    readonly [key: string]: unknown;
  };
  readonly expect: {
    readonly valid?: boolean;
    readonly error?: string;
    readonly converted?: {
      readonly has?: readonly string[];
      readonly hasNot?: readonly string[];
    };
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

/** Keys of `expect` that are judged here; any other is a fact about a run. */
const JUDGED = new Set(['valid', 'error', 'converted']);

/** True when the case states only whether the manifest is accepted, and nothing is run. */
export function isValidityCase(given: ValidityCase): boolean {
  const isPure = (given.needs ?? []).includes('none') && given['simulate'] === undefined;
  return isPure && Object.keys(given.expect).every((key) => JUDGED.has(key));
}

/**
 * Judges whether the manifest of a case is accepted or refused as it should be, with the message that
 * it should have. Facts about a run that the case states besides are not judged.
 */
export function checkValidity(
  given: ValidityCase,
  context: { readonly corpusDirectory: string },
): CaseOutcome {
  const read = (file: string): string => readFileSync(join(context.corpusDirectory, file), 'utf8');
  if (given.submit?.mode === 'convert') return checkConversion(given, read(given.file));
  if (given.expect.valid === undefined) return skipped('the case says nothing about validity');
  // The corpus has manifests without names and kinds, which upstream's tests add in code.
  const options = { requireName: false, defaultKind: 'Workflow' } as const;
  const main = parseManifests(read(given.file), { ...options, file: given.file });
  const setup = [...(given.setup ?? []), ...siblingTemplates(given, context)].flatMap(
    (file) => parseManifests(read(file), options).manifests,
  );
  const problems = problemsOf(given, main, setup);
  const refusals = problems.filter(({ severity }) => severity === 'error');
  return given.expect.valid ? judgeAccepted(refusals) : judgeRefused(given, refusals);
}

/** Upstream's test of its examples looks at the files of a folder together. */
function siblingTemplates(
  given: ValidityCase,
  context: { readonly corpusDirectory: string },
): readonly string[] {
  const isExample = String(given['from'] ?? '').startsWith('examples/validation_test.go');
  const isRelated = isExample && given.setup === undefined;
  if (!isRelated) return [];
  const templates = join(dirname(given.file), 'templates.yaml');
  return existsSync(join(context.corpusDirectory, templates)) ? [templates] : [];
}

function problemsOf(
  given: ValidityCase,
  main: ParsedManifests,
  setup: readonly ParsedManifest[],
): readonly Problem[] {
  if (hasErrors(main.problems)) return main.problems;
  const manifests = [...setup, ...main.manifests].map(({ manifest }) => manifest);
  const options: ValidateOptions = {
    lookup: createTemplateLookup(manifests.map(withoutNamespace)),
    lint: given.submit?.mode === 'lint',
    // A run that ends in Error was accepted although something it refers to was missing.
    ...(given.expect['phase'] === 'Error' ? { missingReference: 'warning' } : {}),
    ...(given.submit?.workflowDefaults === undefined
      ? {}
      : { defaults: given.submit.workflowDefaults }),
  };
  const problems = main.manifests.flatMap((parsed) =>
    validateParsed({ ...parsed, manifest: asSubmitted(given, parsed.manifest) }, options),
  );
  if (given.expect.valid === true || hasErrors(problems)) return problems;
  // A template may be fine by itself while a workflow made from it lacks something.
  return main.manifests.flatMap((parsed) => submissionProblems(parsed, options));
}

function asSubmitted(given: ValidityCase, manifest: Manifest): Manifest {
  const submitted = withoutNamespace(manifest);
  const { parameters } = given.submit ?? {};
  if (submitted.kind !== 'Workflow' || parameters === undefined) return submitted;
  const values = Object.entries(parameters).map(([name, value]) => [name, String(value)]);
  return applySubmitOptions(submitted, { parameters: Object.fromEntries(values) });
}

/** The corpus applies everything to one namespace, whatever the manifests say. */
function withoutNamespace(manifest: Manifest): Manifest {
  const metadata = Object.entries(manifest.metadata).filter(([field]) => field !== 'namespace');
  return { ...manifest, metadata: Object.fromEntries(metadata) };
}

function submissionProblems(parsed: ParsedManifest, options: ValidateOptions): readonly Problem[] {
  const { manifest } = parsed;
  const isTemplate =
    manifest.kind === 'WorkflowTemplate' || manifest.kind === 'ClusterWorkflowTemplate';
  if (!isTemplate) return [];
  const name = manifest.metadata.name ?? 'template';
  const clusterScope = manifest.kind === 'ClusterWorkflowTemplate';
  const named = { ...manifest, metadata: { ...manifest.metadata, name } };
  const workflow: Workflow = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { generateName: `${name}-` },
    spec: { workflowTemplateRef: { name, clusterScope } },
  };
  const lookup = createTemplateLookup([named]);
  return validateParsed({ ...parsed, manifest: workflow }, { ...options, lookup });
}

function judgeAccepted(refusals: readonly Problem[]): CaseOutcome {
  const [first] = refusals;
  return first === undefined ? passed : failed(`should be accepted, but: ${formatProblem(first)}`);
}

function judgeRefused(given: ValidityCase, refusals: readonly Problem[]): CaseOutcome {
  if (refusals.length === 0) return failed('should be refused, but is accepted');
  const { error } = given.expect;
  if (error === undefined) return passed;
  const pattern = new RegExp(error);
  const texts = refusals.map(formatProblem);
  if (texts.some((text) => pattern.test(text))) return passed;
  return failed(`should be refused with /${error}/, but: ${texts.join(' | ')}`);
}

function checkConversion(given: ValidityCase, text: string): CaseOutcome {
  const { text: converted, problems } = convertManifests(text, { file: given.file });
  const [problem] = problems.filter(({ severity }) => severity === 'error');
  if (problem !== undefined) return failed(`cannot be converted: ${formatProblem(problem)}`);
  const { has = [], hasNot = [] } = given.expect.converted ?? {};
  const missing = has.filter((pattern) => !new RegExp(pattern).test(converted));
  const extra = hasNot.filter((pattern) => new RegExp(pattern).test(converted));
  if (missing.length === 0 && extra.length === 0) return passed;
  const lacks = missing.map((pattern) => `lacks /${pattern}/`);
  const keeps = extra.map((pattern) => `still has /${pattern}/`);
  return failed(`after conversion the text ${[...lacks, ...keeps].join(', ')}`);
}
