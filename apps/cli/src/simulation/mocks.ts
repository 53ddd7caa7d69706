import type { Task } from '@argosy/core-workflow';
import type { TaskOutcome } from '@argosy/core-workflow/simulation';
import type { Artifact, Template } from '@argosy/model';
import type { Mock, NodeMatch, Outcome } from './format.ts';
import { durationMsOf, matchesGlob, textOf, textsOf } from './texts.ts';

/** The mocks of one case, and which of them were of use. */
export interface Mocks {
  /** How a task ends. */
  outcomeOf(task: Task): TaskOutcome;
  /** What the mocks say about a node; the next of its attempts. Undefined: no mock means it, which is noted. */
  next(node: MockedNode): Outcome | undefined;
  /** Positions of mocks that have meant a node. */
  readonly used: ReadonlySet<number>;
  /** Doubts about the mocks, each once. */
  readonly warnings: ReadonlySet<string>;
  /** Display names of nodes that no mock means and that do not end by themselves. */
  readonly unmatched: ReadonlySet<string>;
}

/** What mocks look at. */
export interface MockedNode {
  readonly templateName: string;
  readonly displayName: string;
  readonly nodeName: string;
  readonly template: Pick<Template, 'metadata' | 'inputs'>;
  /** It ends also without a mock. */
  readonly endsByItself?: boolean;
}

/** The first mock that means a node counts. */
export function createMocks(mocks: readonly Mock[]): Mocks {
  const used = new Set<number>();
  const warnings = new Set<string>();
  const unmatched = new Set<string>();
  const rounds = new Map<string, number>();

  const next = (node: MockedNode): Outcome | undefined => {
    const index = mocks.findIndex((mock) => means(mock, node));
    const mock = mocks[index];
    if (mock === undefined) {
      if (node.endsByItself !== true) unmatched.add(node.displayName);
      return undefined;
    }
    used.add(index);
    const { attempts, ...common } = mock;
    if (attempts === undefined) return common;
    // All rounds of what is retried, around it too, have the same name but for the numbers of the attempts.
    const key = `${index} ${node.nodeName.replaceAll(/\(\d+\)/g, '')}`;
    const round = rounds.get(key) ?? 0;
    rounds.set(key, round + 1);
    return { ...common, ...attempts[Math.min(round, attempts.length - 1)] };
  };

  return {
    used,
    warnings,
    unmatched,
    next,
    outcomeOf: (task) => taskOutcome(task, next(task) ?? {}, warnings),
  };
}

function means(mock: NodeMatch, node: MockedNode): boolean {
  const { template, name, node: fullName, labels, inputs } = mock;
  const { displayName, nodeName } = node;
  const given = node.template.metadata?.labels ?? {};
  return (
    (template === undefined || matchesGlob(template, node.templateName)) &&
    (name === undefined || anyMatches(name, displayName)) &&
    (fullName === undefined || anyMatches(fullName, nodeName)) &&
    Object.entries(labels ?? {}).every(([key, value]) => given[key] === value) &&
    Object.entries(inputs ?? {}).every(([key, value]) =>
      matchesGlob(textOf(value), inputOf(node, key) ?? '\0'),
    )
  );
}

/** An attempt is meant by the name of what is retried, too. */
function anyMatches(pattern: string, name: string): boolean {
  return matchesGlob(pattern, name) || matchesGlob(pattern, name.replace(/\(\d+\)$/, ''));
}

function inputOf(node: MockedNode, name: string): string | undefined {
  const value = node.template.inputs?.parameters?.find((each) => each.name === name)?.value;
  return value === undefined ? undefined : String(value);
}

/** What the executor would report. */
function taskOutcome(task: Task, outcome: Outcome, warnings: Set<string>): TaskOutcome {
  const { exitCode, message, stays } = outcome;
  const phase = outcome.phase ?? ((exitCode ?? 0) === 0 ? 'Succeeded' : 'Failed');
  if (task.template.daemon === true && isOpen(outcome)) return DAEMON;
  const course = courseOf(outcome);
  const outputs = parametersOf(task, outcome);
  for (const warning of doubtsAbout(task, outcome, phase)) warnings.add(warning);
  if (phase === 'Succeeded' && outputs.missing.length > 0 && stays === undefined) {
    const names = outputs.missing.map((name) => `"${name}"`).join(', ');
    const hint = `the simulation has no value for output parameter ${names}: add it to a mock`;
    warnings.add(`${task.displayName}: ${hint}`);
    return { phase: 'Error', message: hint, ...course };
  }
  return {
    phase,
    ...(message === undefined ? {} : { message }),
    ...exitCodeOf(task, { phase, exitCode }),
    ...resultOf(task, outcome),
    parameters: outputs.values,
    artifacts: artifactsOf(task, outcome),
    ...course,
  };
}

/** A daemon that no mock lets end runs until it is ended, and can be reached. */
const DAEMON: TaskOutcome = { stays: 'Running', podIP: '10.0.0.1' };

function isOpen({ phase, exitCode, duration, stays }: Outcome): boolean {
  return [phase, exitCode, duration, stays].every((given) => given === undefined);
}

function courseOf({ duration, stays }: Outcome): Pick<TaskOutcome, 'durationMs' | 'stays'> {
  return {
    ...(duration === undefined ? {} : { durationMs: durationMsOf(duration) }),
    ...(stays === undefined ? {} : { stays }),
  };
}

function doubtsAbout(task: Task, outcome: Outcome, phase: string): readonly string[] {
  const { template, templateName, displayName, captureResult } = task;
  const declared = new Set(template.outputs?.parameters?.map(({ name }) => name));
  const undeclared = Object.keys(outcome.outputs ?? {})
    .filter((name) => !declared.has(name))
    .map((name) => `template ${templateName} has no output parameter "${name}"`);
  const isResultMissing = captureResult && outcome.result === undefined && phase === 'Succeeded';
  return isResultMissing
    ? [...undeclared, `${displayName}: its result is used; say in a mock what it is`]
    : undeclared;
}

/** Pods have an exit code; a failed one without a say in it has 1. */
function exitCodeOf(
  { template }: Task,
  { phase, exitCode }: { readonly phase: string; readonly exitCode: number | undefined },
): Pick<TaskOutcome, 'exitCode'> {
  if (exitCode !== undefined) return { exitCode };
  const isPod = template.container ?? template.script ?? template.containerSet;
  if (isPod === undefined || phase === 'Error') return {};
  return { exitCode: phase === 'Succeeded' ? 0 : 1 };
}

/** What a program prints that prints nothing is the empty text. */
function resultOf(task: Task, { result }: Outcome): Pick<TaskOutcome, 'result'> {
  if (result !== undefined) return { result: textOf(result) };
  return task.captureResult ? { result: '' } : {};
}

/** Values of the mock, else defaults; what has neither is missing, as its file would be. */
function parametersOf(
  { template }: Task,
  outcome: Outcome,
): { readonly values: Record<string, string>; readonly missing: readonly string[] } {
  const values = textsOf(outcome.outputs);
  const missing: string[] = [];
  for (const { name, value, valueFrom } of template.outputs?.parameters ?? []) {
    if (values[name] !== undefined || value !== undefined) continue;
    const fallback = valueFrom?.default;
    if (fallback !== undefined) values[name] = String(fallback);
    else if (valueFrom?.path !== undefined) missing.push(name);
  }
  return { values, missing };
}

/** As if each had been stored; content, if any, is in the artifact itself. */
function artifactsOf({ template }: Task, { artifacts }: Outcome): readonly Artifact[] {
  const declared = template.outputs?.artifacts ?? [];
  const isThere = (name: string): boolean =>
    artifacts === undefined ||
    (Array.isArray(artifacts) ? artifacts.includes(name) : Object.hasOwn(artifacts, name));
  const contentOf = (name: string): string =>
    artifacts === undefined || Array.isArray(artifacts)
      ? ''
      : ((artifacts as Readonly<Record<string, string>>)[name] ?? '');
  return declared
    .filter(({ name }) => isThere(name))
    .map((artifact) => ({ ...artifact, raw: { data: contentOf(artifact.name) } }));
}
