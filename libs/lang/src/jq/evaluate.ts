import { assertNever } from '@argosy/base';
import { failLang, LangFailure } from '../error.ts';
import { assign } from './assign.ts';
import { call } from './call.ts';
import { destructure, destructureFirst } from './destructure.ts';
import { formatted } from './formats.ts';
import type { JqNode } from './node.ts';
import { runAccess } from './access.ts';
import { bind, findBinding, spend, type JqScope } from './scope.ts';
import { failJq, isTrue, JqRaised, operate, preview, textOf, type PathStep } from './value.ts';

/** A value with the path that led to it, while that is known. */
export interface Located {
  readonly value: unknown;
  readonly path?: readonly PathStep[];
}

/** All outputs of a filter for one input. Throws LangFailure. */
export function* run(node: JqNode, input: Located, scope: JqScope): Generator<Located> {
  spend(scope);
  switch (node.kind) {
    case 'Identity':
      yield input;
      return;
    case 'Literal':
      yield { value: node.value };
      return;
    case 'Variable':
      yield { value: variable(node.name, scope) };
      return;
    case 'Pipe':
    case 'Comma':
      yield* runJoined(node, input, scope);
      return;
    case 'Call':
      yield* call(node, input, scope);
      return;
    case 'Field':
    case 'Slice':
    case 'Iterate':
    case 'RecurseDefault':
      yield* runAccess(node, input, scope);
      return;
    default:
      yield* runOther(node, input, scope);
  }
}

function* runJoined(
  node: JqNode & { readonly kind: 'Pipe' | 'Comma' },
  input: Located,
  scope: JqScope,
): Generator<Located> {
  if (node.kind === 'Comma') {
    yield* run(node.left, input, scope);
    yield* run(node.right, input, scope);
    return;
  }
  for (const left of run(node.left, input, scope)) yield* run(node.right, left, scope);
}

function variable(name: string, scope: JqScope): unknown {
  if (name === 'ENV') return {};
  const found = findBinding(scope, ['Variable'], name);
  if (found === undefined) return failLang('Syntax', `variable not defined: $${name}`);
  return found.binding.value;
}

/** The values alone. */
export function* values(node: JqNode, value: unknown, scope: JqScope): Generator<unknown> {
  for (const output of run(node, { value }, scope)) yield output.value;
}

type Other = Exclude<
  JqNode,
  {
    readonly kind:
      | 'Field'
      | 'Slice'
      | 'Iterate'
      | 'RecurseDefault'
      | 'Identity'
      | 'Literal'
      | 'Variable'
      | 'Pipe'
      | 'Comma'
      | 'Call';
  }
>;

function* runOther(node: Other, input: Located, scope: JqScope): Generator<Located> {
  switch (node.kind) {
    case 'Try':
      yield* runTry(node, input, scope);
      return;
    case 'If':
      for (const condition of values(node.condition, input.value, scope)) {
        yield* run(isTrue(condition) ? node.then : node.otherwise, input, scope);
      }
      return;
    case 'Bind':
      for (const value of values(node.source, input.value, scope)) {
        yield* destructureFirst(node, value, scope, (inner) => run(node.body, input, inner));
      }
      return;
    case 'Define': {
      const { definition } = node;
      const inner = bind(scope, { kind: 'Function', key: definition.key, definition });
      yield* run(node.body, input, inner);
      return;
    }
    case 'Label':
      yield* runLabel(node, input, scope);
      return;
    case 'Reduce':
    case 'Foreach':
      yield* runFold(node, input, scope);
      return;
    default:
      yield* runBinaryOrValue(node, input, scope);
  }
}

function* runBinaryOrValue(
  node: Exclude<
    Other,
    { readonly kind: 'Try' | 'If' | 'Bind' | 'Define' | 'Label' | 'Reduce' | 'Foreach' }
  >,
  input: Located,
  scope: JqScope,
): Generator<Located> {
  if (node.kind === 'Binary') {
    if (node.operator === '//') yield* runAlternative(node, input, scope);
    else for (const value of runBinary(node, input.value, scope)) yield { value };
  } else for (const value of runValue(node, input.value, scope)) yield { value };
}

function* runTry(
  node: JqNode & { readonly kind: 'Try' },
  input: Located,
  scope: JqScope,
): Generator<Located> {
  try {
    yield* run(node.body, input, scope);
  } catch (thrown) {
    if (!(thrown instanceof LangFailure) || thrown.error.kind !== 'Evaluation') throw thrown;
    if (node.handler === undefined) return;
    const value = thrown instanceof JqRaised ? thrown.value : thrown.error.message;
    yield* run(node.handler, { value }, scope);
  }
}

/** Thrown by `break`, caught by its label. */
class JqBreak extends Error {
  readonly token: object;

  constructor(token: object) {
    super('break');
    this.token = token;
  }
}

function* runLabel(
  node: JqNode & { readonly kind: 'Label' },
  input: Located,
  scope: JqScope,
): Generator<Located> {
  const token = {};
  try {
    yield* run(node.body, input, bind(scope, { kind: 'Label', key: node.name, token }));
  } catch (thrown) {
    if (!(thrown instanceof JqBreak) || thrown.token !== token) throw thrown;
  }
}

function breakOut(name: string, scope: JqScope): never {
  const found = findBinding(scope, ['Label'], name);
  if (found === undefined) return failLang('Syntax', `label not defined: $${name}`);
  throw new JqBreak(found.binding.token);
}

/** `reduce` gives the last state, `foreach` what it extracts from each. A step without output changes nothing. */
function* runFold(
  node: JqNode & { readonly kind: 'Reduce' | 'Foreach' },
  input: Located,
  scope: JqScope,
): Generator<Located> {
  for (const start of run(node.start, input, scope)) {
    let state = start;
    for (const value of values(node.source, input.value, scope)) {
      for (const inner of destructure(node.pattern, value, scope)) {
        for (const next of run(node.update, state, inner)) {
          state = next;
          if (node.kind === 'Foreach') yield* extracted(node, next, inner);
        }
      }
    }
    // The end of a fold is a new value: it has no path.
    if (node.kind === 'Reduce') yield { value: state.value };
  }
}

function* extracted(
  node: JqNode & { readonly kind: 'Foreach' },
  state: Located,
  scope: JqScope,
): Generator<Located> {
  if (node.extract === undefined) yield state;
  else yield* run(node.extract, state, scope);
}

function* runAlternative(
  node: JqNode & { readonly kind: 'Binary' },
  input: Located,
  scope: JqScope,
): Generator<Located> {
  let found = false;
  for (const output of run(node.left, input, scope)) {
    if (!isTrue(output.value)) continue;
    found = true;
    yield output;
  }
  if (!found) yield* run(node.right, input, scope);
}

function* runBinary(
  node: JqNode & { readonly kind: 'Binary' },
  input: unknown,
  scope: JqScope,
): Generator<unknown> {
  const { operator } = node;
  if (operator === 'and' || operator === 'or') {
    for (const left of values(node.left, input, scope)) {
      if (isTrue(left) === (operator === 'or')) yield operator === 'or';
      else for (const right of values(node.right, input, scope)) yield isTrue(right);
    }
    return;
  }
  for (const right of values(node.right, input, scope)) {
    for (const left of values(node.left, input, scope)) yield operate(operator, left, right);
  }
}

type ValueNode = Extract<
  JqNode,
  { readonly kind: 'Negate' | 'Array' | 'Object' | 'Text' | 'Format' | 'Assign' | 'Break' }
>;

function* runValue(node: ValueNode, input: unknown, scope: JqScope): Generator<unknown> {
  switch (node.kind) {
    case 'Negate':
      for (const value of values(node.body, input, scope)) yield negated(value);
      return;
    case 'Array':
      yield node.body === undefined ? [] : [...values(node.body, input, scope)];
      return;
    case 'Object':
      yield* objects(node.members, input, scope);
      return;
    case 'Text':
      yield* texts(node, input, scope);
      return;
    case 'Format':
      yield formatted(node.name, input);
      return;
    case 'Assign':
      yield* assign(node, input, scope);
      return;
    case 'Break':
      breakOut(node.name, scope);
      return;
    default:
      assertNever(node);
  }
}

function negated(value: unknown): number {
  return typeof value === 'number' ? -value : failJq(`cannot negate: ${preview(value)}`);
}

function* objects(
  members: (JqNode & { readonly kind: 'Object' })['members'],
  input: unknown,
  scope: JqScope,
): Generator<Readonly<Record<string, unknown>>> {
  const [last, ...before] = members.toReversed();
  if (last === undefined) {
    yield {};
    return;
  }
  for (const others of objects(before.toReversed(), input, scope)) {
    for (const key of values(last.key, input, scope)) {
      if (typeof key !== 'string') {
        failJq(`expected a string for object key but got: ${preview(key)}`);
      }
      for (const value of values(last.value, input, scope)) {
        yield { ...others, [String(key)]: value };
      }
    }
  }
}

function* texts(
  node: JqNode & { readonly kind: 'Text' },
  input: unknown,
  scope: JqScope,
  end = node.parts.length,
): Generator<string> {
  const part = node.parts[end - 1];
  if (part === undefined) {
    yield '';
    return;
  }
  const { format } = node;
  const print = (value: unknown): string =>
    format === undefined ? textOf(value) : formatted(format, value);
  const tails = typeof part === 'string' ? [part] : [...values(part, input, scope)].map(print);
  for (const tail of tails) {
    for (const head of texts(node, input, scope, end - 1)) yield head + tail;
  }
}
