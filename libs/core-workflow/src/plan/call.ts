import { tagsOf } from '@argosy/lang';
import type {
  Arguments,
  Artifact,
  ContinueOn,
  LifecycleHook,
  LifecycleHooks,
  Sequence,
  Template,
  TemplateRef,
  ValueFrom,
} from '@argosy/model';
import { omit } from '../omit.ts';
import { compileTagged, type Tagged } from './tagged.ts';
import { compileText, type Text } from './text.ts';
import { variableOf, type Variable } from './variable.ts';

/** One place that runs a template: a step, a task, a hook, the entrypoint. Compiled once. */
export interface CallPlan {
  readonly name: string;
  /** The name, where it holds tags. */
  readonly nameText: Text | undefined;
  readonly template: CallTarget;
  readonly parameters: readonly ArgumentPlan[];
  readonly artifacts: readonly ArtifactArgumentPlan[];
  readonly when: Text | undefined;
  /** `when` speaks of the item, so it means something only after the loop is spread. */
  readonly whenNeedsItem: boolean;
  readonly loop: LoopPlan | undefined;
  readonly continueOn: ContinueOn | undefined;
  /** Hooks with an expression, in the order of their names. */
  readonly hooks: readonly HookPlan[];
  readonly exit: HookPlan | undefined;
  /** Something in the enclosing template refers to the captured output. */
  readonly captureResult: boolean;
  /** References to steps and tasks, checked before anything is created. */
  readonly references: readonly ReferencePlan[];
}

/** A simple tag that names a step or task. */
export interface ReferencePlan {
  readonly variable: Variable;
  /** It is a whole argument, which is dropped when its producer was passed over. */
  readonly droppable: boolean;
}

export type CallTarget =
  | { readonly kind: 'Name'; readonly name: Text }
  | { readonly kind: 'Reference'; readonly reference: Tagged }
  | { readonly kind: 'Inline'; readonly plan: number };

export interface ArgumentPlan {
  readonly name: string;
  readonly value: Text | undefined;
  readonly valueFrom: ValueFrom | undefined;
}

export interface ArtifactArgumentPlan {
  readonly name: string;
  readonly artifact: Artifact;
  /** All of it but `from` and `fromExpression`, which are looked up and not replaced. */
  readonly rest: Tagged;
  readonly subPath: Text | undefined;
}

export type LoopPlan =
  | { readonly kind: 'Items'; readonly items: Tagged }
  | { readonly kind: 'Param'; readonly text: Text }
  | {
      readonly kind: 'Sequence';
      readonly count: Text | undefined;
      readonly start: Text | undefined;
      readonly end: Text | undefined;
      readonly format: string | undefined;
    };

export interface HookPlan {
  readonly name: string;
  readonly expression: string | undefined;
  readonly call: CallPlan;
}

/** What a step, a task and a hook have in common. */
export interface CallSource {
  readonly name?: string;
  readonly template?: string;
  readonly templateRef?: TemplateRef;
  readonly inline?: Template;
  readonly arguments?: Arguments;
  readonly withItems?: readonly unknown[];
  readonly withParam?: string;
  readonly withSequence?: Sequence;
  readonly when?: string;
  readonly continueOn?: ContinueOn;
  readonly hooks?: LifecycleHooks;
  readonly onExit?: string;
}

/** What compiling a call needs to know of its surroundings. */
export interface CallSurroundings {
  /** Names whose captured output something in the enclosing template refers to. */
  resultNames(): ReadonlySet<string>;
  /** The plan of this inline template. */
  inlinePlan(template: Template): number;
  /** The target of a template's name; the same object for the same name. */
  namedTarget(name: string): CallTarget;
}

/** Targets of templates' names, each made once: a DAG may call one template a hundred thousand times. */
export function createTargets(): CallSurroundings['namedTarget'] {
  const targets = new Map<string, CallTarget>();
  return (name) => {
    const known = targets.get(name);
    if (known !== undefined) return known;
    const target: CallTarget = { kind: 'Name', name: compileText(name) };
    targets.set(name, target);
    return target;
  };
}

/** Compiles a step, task or hook. */
export function compileCall(source: CallSource, surroundings: CallSurroundings): CallPlan {
  const name = source.name ?? '';
  const { hooks, exit } = compileHooks(source, surroundings);
  const parameters = (source.arguments?.parameters ?? NONE).map((parameter) => ({
    name: parameter.name,
    value: parameter.value === undefined ? undefined : compileText(parameter.value),
    valueFrom: parameter.valueFrom,
  }));
  return {
    name,
    nameText: name.includes('{{') ? compileText(name) : undefined,
    template: targetOf(source, surroundings),
    parameters,
    artifacts: source.arguments?.artifacts?.map(compileArtifact) ?? NONE,
    when: source.when === undefined || source.when === '' ? undefined : compileText(source.when),
    whenNeedsItem: /\bitem\b/.test(source.when ?? ''),
    loop: compileLoop(source),
    continueOn: source.continueOn,
    hooks,
    exit,
    captureResult: surroundings.resultNames().has(name),
    references: parameters.some(isTagged) ? parameters.flatMap(referencesOf) : NONE,
  };
}

/** The list of all that have none: a DAG may have a hundred thousand calls. */
const NONE: readonly never[] = [];

function isTagged(parameter: ArgumentPlan): boolean {
  return parameter.value?.parsed !== undefined;
}

function referencesOf(parameter: ArgumentPlan): readonly ReferencePlan[] {
  const text = parameter.value;
  if (text?.parsed === undefined) return NONE;
  return tagsOf(text.parsed)
    .filter((tag) => tag.kind === 'Simple' && /^(steps|tasks)\./.test(tag.text))
    .map(({ text: tag }) => ({ variable: variableOf(tag), droppable: text.onlyTag === tag }));
}

function targetOf(source: CallSource, surroundings: CallSurroundings): CallTarget {
  if (source.inline !== undefined) {
    return { kind: 'Inline', plan: surroundings.inlinePlan(source.inline) };
  }
  if (source.templateRef !== undefined) {
    return { kind: 'Reference', reference: compileTagged(source.templateRef) };
  }
  return surroundings.namedTarget(source.template ?? '');
}

function compileArtifact(artifact: Artifact): ArtifactArgumentPlan {
  const { subPath } = artifact;
  const rest = omit(artifact, 'from', 'fromExpression', 'subPath');
  return {
    name: artifact.name,
    artifact,
    rest: compileTagged(rest),
    subPath: subPath === undefined ? undefined : compileText(subPath),
  };
}

function compileLoop(source: CallSource): LoopPlan | undefined {
  if (source.withItems !== undefined && source.withItems.length > 0) {
    return { kind: 'Items', items: compileTagged(source.withItems) };
  }
  if (source.withParam !== undefined && source.withParam !== '') {
    return { kind: 'Param', text: compileText(source.withParam) };
  }
  const sequence = source.withSequence;
  if (sequence === undefined) return undefined;
  return {
    kind: 'Sequence',
    count: optionalText(sequence.count),
    start: optionalText(sequence.start),
    end: optionalText(sequence.end),
    format: sequence.format === '' ? undefined : sequence.format,
  };
}

function optionalText(value: string | number | undefined): Text | undefined {
  return value === undefined || value === '' ? undefined : compileText(String(value));
}

const NO_HOOKS = { hooks: NONE, exit: undefined };

function compileHooks(
  source: CallSource,
  surroundings: CallSurroundings,
): Pick<CallPlan, 'hooks' | 'exit'> {
  const noExit = source.onExit === undefined || source.onExit === '';
  if (source.hooks === undefined && noExit) return NO_HOOKS;
  const hooks: HookPlan[] = [];
  let exit: HookPlan | undefined;
  for (const [name, hook] of sortedEntries(source.hooks ?? {})) {
    const plan = compileHook(name, hook, surroundings);
    if (name === 'exit') exit = plan;
    else hooks.push(plan);
  }
  if (exit === undefined && !noExit) {
    exit = compileHook('exit', { template: source.onExit }, surroundings);
  }
  return { hooks, exit };
}

/** Compiles one hook; the hook named `exit` needs no expression. */
export function compileHook(
  name: string,
  hook: LifecycleHook,
  surroundings: CallSurroundings,
): HookPlan {
  const { expression, ...call } = hook;
  return {
    name,
    expression: expression === '' ? undefined : expression,
    call: compileCall(call, surroundings),
  };
}

function sortedEntries(hooks: LifecycleHooks): [string, LifecycleHook][] {
  return Object.entries(hooks).sort(([left], [right]) => (left < right ? -1 : 1));
}

/** All names whose result the texts of a template refer to, by dot or by index. */
export function resultNamesIn(template: Template): ReadonlySet<string> {
  const names = new Set<string>();
  collectResultNames(template, names);
  return names;
}

function collectResultNames(value: unknown, names: Set<string>): void {
  if (typeof value === 'string') {
    if (value.includes('.outputs.result')) addMatches(value, RESULT_BY_DOT, names);
    if (value.includes('[')) addMatches(value, NAME_BY_INDEX, names);
  } else if (Array.isArray(value)) {
    for (const item of value) collectResultNames(item, names);
  } else if (typeof value === 'object' && value !== null) {
    for (const key in value) collectResultNames(Reflect.get(value, key), names);
  }
}

const RESULT_BY_DOT = /\.([A-Za-z0-9_-]+)\.outputs\.result\b/g;
const NAME_BY_INDEX = /\[['"]([A-Za-z0-9_-]+)['"]\]/g;

function addMatches(text: string, pattern: RegExp, names: Set<string>): void {
  for (const match of text.matchAll(pattern)) names.add(match[1] ?? '');
}
