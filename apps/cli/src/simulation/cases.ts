import type { FieldPath, Problem } from '@argosy/model';
import { regularExpression } from './texts.ts';
import { failuresOf } from './expectation.ts';
import type { Case, Mock, Setting, SimulationFile } from './format.ts';
import type { Manifests } from './manifests.ts';
import { playRun, type PlayedRun } from './play.ts';
import { refusal, type SimulationText } from './read.ts';

/** One case that was played. */
export interface CaseResult {
  readonly name: string;
  readonly file: string;
  /** From 1; 0 when the case is no text's. */
  readonly line: number;
  readonly played: PlayedRun;
  readonly failures: readonly string[];
  readonly warnings: readonly string[];
  /** Time that playing took, milliseconds. */
  readonly tookMs: number;
}

export interface CaseOptions {
  /** Over what the file says. */
  readonly overrides: Setting;
  readonly namespace: string | undefined;
  /** Only cases whose name holds this. */
  readonly filter?: string;
  readonly nowMs: () => number;
}

/** Plays the cases of a file one after the other. @throws ArgosyError INVALID_ARGUMENT for unusable input. */
export function playCases(
  simulation: SimulationText,
  manifests: Manifests,
  options: CaseOptions,
): readonly CaseResult[] {
  const { file, content } = simulation;
  refuseBadPatterns(simulation);
  const cases = casesOf(content);
  const used = new Set<number>();
  const wanted = cases.filter(({ name }) => name.includes(options.filter ?? ''));
  const results = wanted.map(({ name, setting, path }): CaseResult => {
    const own = setting.mocks ?? [];
    const mocks = [...own, ...(path.length === 0 ? [] : (content.mocks ?? []))];
    const joined = { ...joinSettings(joinSettings(content, setting), options.overrides), mocks };
    const beganMs = options.nowMs();
    const played = playRun(manifests, joined, options.namespace);
    const tookMs = options.nowMs() - beganMs;
    const expect = joined.expect ?? { phase: 'Succeeded' };
    const shared = path.length === 0 ? 0 : own.length;
    for (const index of played.usedMocks) if (index >= shared) used.add(index - shared);
    const idle = path.length === 0 ? [] : unusedOf(own, (index) => played.usedMocks.has(index));
    return {
      name: name || (played.workflow.metadata.name ?? ''),
      file,
      line: simulation.lineOf(path),
      played,
      failures: [...played.failures, ...failuresOf(played, expect)],
      warnings: [...played.warnings, ...idle, ...standstillOf(played, expect.phase)],
      tookMs,
    };
  });
  if (wanted.length < cases.length) return results;
  return withIdleMocks(
    results,
    unusedOf(content.mocks ?? [], (index) => used.has(index)),
  );
}

/** No news to who expects just that. */
function standstillOf(
  { standstill, workflow }: PlayedRun,
  expected: string | undefined,
): readonly string[] {
  return standstill === '' || expected === workflow.status?.phase ? [] : [standstill];
}

interface NamedCase {
  readonly name: string;
  readonly setting: Setting;
  readonly path: FieldPath;
}

function casesOf({ cases, ...whole }: SimulationFile): readonly NamedCase[] {
  if (cases === undefined) return [{ name: '', setting: whole, path: [] }];
  return cases.map(({ case: name, ...setting }: Case, index) => ({
    name,
    setting,
    path: ['cases', index],
  }));
}

/** What is named in both counts as the upper one has it; maps are joined, other fields are replaced. */
function joinSettings(below: Setting, over: Setting): Setting {
  const joined: Record<string, unknown> = { ...below, ...over };
  for (const name of ['parameters', 'configMaps', 'memo', 'semaphores', 'expect'] as const) {
    if (below[name] !== undefined && over[name] !== undefined) {
      joined[name] = { ...below[name], ...over[name] };
    }
  }
  return joined as Setting;
}

/** A mock that means nothing is a spelling mistake as a rule. */
function unusedOf(mocks: readonly Mock[], isUsed: (index: number) => boolean): readonly string[] {
  return mocks.flatMap((mock, index) =>
    isUsed(index) ? [] : [`the mock of ${matchText(mock)} was never used`],
  );
}

function matchText({ template, name, node, labels, inputs }: Mock): string {
  const parts = Object.entries({ template, name, node, labels, inputs }).filter(
    ([, value]) => value !== undefined,
  );
  return parts
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}

function withIdleMocks(
  results: readonly CaseResult[],
  idle: readonly string[],
): readonly CaseResult[] {
  return results.map((result, index) =>
    index === results.length - 1 ? { ...result, warnings: [...result.warnings, ...idle] } : result,
  );
}

/** @throws ArgosyError INVALID_ARGUMENT for a regular expression that is none. */
function refuseBadPatterns(simulation: SimulationText): void {
  const problems: Problem[] = [];
  const look = (value: unknown, path: FieldPath): void => {
    if (typeof value === 'string') {
      const message = patternProblem(value);
      if (message !== undefined) problems.push(simulation.problemAt(path, message));
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) look(inner, [...path, key]);
    }
  };
  const { expect, cases = [] } = simulation.content;
  look(expect, ['expect']);
  cases.forEach((each, index) => {
    look(each.expect, ['cases', index, 'expect']);
  });
  if (problems.length > 0) throw refusal(problems);
}

function patternProblem(text: string): string | undefined {
  const pattern = regularExpression(text);
  if (pattern === undefined) return undefined;
  try {
    return new RegExp(pattern, 's') && undefined;
  } catch (error) {
    return `${text} is no regular expression: ${(error as Error).message}`;
  }
}
