import { failLang, LangFailure } from '../error.ts';
import { goValueText, isGoMap, kindOfValue, sortedKeys } from '../govalue/index.ts';
import { isTrueValue, type TemplateFunction } from './builtins.ts';
import type { Command, Operand, Pipeline, TemplateNode } from './node.ts';
import { workOf } from '../work.ts';
import type { ParsedNodes } from './parser.ts';

/** Nodes and commands one execution may evaluate. */
export const TEMPLATE_STEPS_MAX = 1_000_000;
/** Longest output, in UTF-16 units. */
export const TEMPLATE_OUTPUT_UNITS_MAX = 16 * 1024 * 1024;
/** Deepest nesting of `{{template}}` calls. */
const CALL_DEPTH_MAX = 100;

const NO_VALUE = '<no value>';

interface Variable {
  readonly name: string;
  value: unknown;
}

interface Execution {
  readonly parsed: ParsedNodes;
  readonly functions: ReadonlyMap<string, TemplateFunction>;
  readonly output: string[];
  outputUnits: number;
  steps: number;
  depth: number;
  variables: Variable[];
}

type Flow = 'normal' | 'break' | 'continue';

/** Executes a parsed template on its data and gives the text. Throws LangFailure. */
export function executeNodes(
  parsed: ParsedNodes,
  data: unknown,
  functions: ReadonlyMap<string, TemplateFunction>,
): string {
  const execution: Execution = {
    parsed,
    functions,
    output: [],
    outputUnits: 0,
    steps: 0,
    depth: 0,
    variables: [{ name: '$', value: data }],
  };
  runList(execution, parsed.nodes, data);
  return execution.output.join('');
}

function write(execution: Execution, text: string): void {
  execution.outputUnits += text.length;
  if (execution.outputUnits > TEMPLATE_OUTPUT_UNITS_MAX) {
    failLang('Limit', `the output is longer than ${TEMPLATE_OUTPUT_UNITS_MAX} characters`);
  }
  execution.output.push(text);
}

function step(execution: Execution, steps = 1): void {
  execution.steps += steps;
  if (execution.steps > TEMPLATE_STEPS_MAX) {
    failLang('Limit', `the template needs more than ${TEMPLATE_STEPS_MAX} steps`);
  }
}

function runList(execution: Execution, nodes: readonly TemplateNode[], dot: unknown): Flow {
  for (const node of nodes) {
    const flow = runNode(execution, node, dot);
    if (flow !== 'normal') return flow;
  }
  return 'normal';
}

function runNode(execution: Execution, node: TemplateNode, dot: unknown): Flow {
  step(execution);
  switch (node.kind) {
    case 'Text':
      write(execution, node.text);
      return 'normal';
    case 'Action': {
      const value = evaluatePipeline(execution, node.pipeline, dot);
      if (node.pipeline.variables.length === 0) write(execution, printed(value));
      return 'normal';
    }
    case 'If':
    case 'With':
    case 'Range':
      return runBlock(execution, node, dot);
    case 'Template':
      runTemplate(execution, node, dot);
      return 'normal';
    case 'Break':
      return 'break';
    case 'Continue':
      return 'continue';
  }
}

function printed(value: unknown): string {
  if (value === null || value === undefined) return NO_VALUE;
  if (typeof value === 'function') return failLang('Evaluation', "can't print func");
  workOf([value]);
  return goValueText(value);
}

type Block = TemplateNode & { readonly kind: 'If' | 'With' | 'Range' };

function runBlock(execution: Execution, node: Block, dot: unknown): Flow {
  const depth = execution.variables.length;
  try {
    const value = evaluatePipeline(execution, node.pipeline, dot);
    if (node.kind === 'Range') return runRange(execution, node, { value, dot });
    if (!isTrueValue(value)) return runList(execution, node.otherwise, dot);
    return runList(execution, node.body, node.kind === 'With' ? value : dot);
  } finally {
    execution.variables.length = depth;
  }
}

function runRange(
  execution: Execution,
  node: Block,
  scope: { readonly value: unknown; readonly dot: unknown },
): Flow {
  const { variables } = node.pipeline;
  const depth = execution.variables.length;
  let isEmpty = true;
  for (const [key, item] of itemsOf(scope.value)) {
    isEmpty = false;
    step(execution);
    const last = variables.at(-1);
    if (last !== undefined) assign(execution, last, item);
    if (variables.length === 2) assign(execution, variables[0] ?? '', key);
    const flow = runList(execution, node.body, item);
    execution.variables.length = depth;
    if (flow === 'break') break;
  }
  return isEmpty ? runList(execution, node.otherwise, scope.dot) : 'normal';
}

function* itemsOf(value: unknown): Generator<readonly [unknown, unknown]> {
  if (value === null || value === undefined) return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield [BigInt(index), item];
  } else if (isGoMap(value)) {
    for (const key of sortedKeys(value)) yield [key, value[key]];
  } else if (typeof value === 'bigint') {
    for (let index = 0n; index < value; index += 1n) yield [index, index];
  } else failLang('Evaluation', `range can't iterate over ${goValueText(value)}`);
}

function runTemplate(
  execution: Execution,
  node: TemplateNode & { readonly kind: 'Template' },
  dot: unknown,
): void {
  const nodes = execution.parsed.defined.get(node.name);
  if (nodes === undefined) {
    failLang('Evaluation', `template ${JSON.stringify(node.name)} not defined`);
  }
  const data =
    node.pipeline === undefined ? undefined : evaluatePipeline(execution, node.pipeline, dot);
  execution.depth += 1;
  if (execution.depth > CALL_DEPTH_MAX) {
    failLang('Limit', `exceeded maximum template depth (${CALL_DEPTH_MAX})`);
  }
  const outer = execution.variables;
  execution.variables = [{ name: '$', value: data }];
  runList(execution, nodes ?? [], data);
  execution.variables = outer;
  execution.depth -= 1;
}

function evaluatePipeline(execution: Execution, pipeline: Pipeline, dot: unknown): unknown {
  let value: unknown;
  pipeline.commands.forEach((command, index) => {
    value = evaluateCommand(execution, command, {
      dot,
      piped: index === 0 ? [] : [value],
    });
  });
  for (const name of pipeline.variables) {
    if (!pipeline.isAssignment) execution.variables.push({ name, value });
    else assign(execution, name, value);
  }
  return value;
}

function assign(execution: Execution, name: string, value: unknown): void {
  const variable = execution.variables.findLast((candidate) => candidate.name === name);
  if (variable === undefined) failLang('Evaluation', `undefined variable: ${name}`);
  else variable.value = value;
}

interface CommandScope {
  readonly dot: unknown;
  /** The value of the command before, to be the last argument; empty for the first command. */
  readonly piped: readonly unknown[];
}

function evaluateCommand(execution: Execution, command: Command, scope: CommandScope): unknown {
  step(execution);
  const [first, ...rest] = command.operands;
  if (first === undefined) return undefined;
  if (first.kind === 'Function') {
    const result = callFunction(execution, first.name, { operands: rest, scope });
    return fieldsOf(result, first.fields);
  }
  if (first.kind === 'Literal' && first.value === null) {
    failLang('Evaluation', 'nil is not a command');
  }
  const hasArguments = rest.length > 0 || scope.piped.length > 0;
  if (hasArguments) return callMethod(execution, first, { operands: rest, scope });
  return evaluateOperand(execution, first, scope.dot);
}

interface Call {
  readonly operands: readonly Operand[];
  readonly scope: CommandScope;
}

/** Only the last field of a chain can be a method with arguments; anything else is an error. */
function callMethod(execution: Execution, operand: Operand, call: Call): unknown {
  const name = 'fields' in operand ? operand.fields.at(-1) : undefined;
  if (name === undefined || operand.kind === 'Literal') {
    return failLang('Evaluation', "can't give argument to non-function");
  }
  const owner = evaluateOperand(
    execution,
    { ...operand, fields: operand.fields.slice(0, -1) },
    call.scope.dot,
  );
  const method = isGoMap(owner) && Object.hasOwn(owner, name) ? owner[name] : undefined;
  if (typeof method !== 'function') {
    return failLang('Evaluation', `${name} is not a method but has arguments`);
  }
  return invoke(name, (args) => Reflect.apply(method, owner, args) as unknown, [
    ...call.operands.map((argument) => evaluateOperand(execution, argument, call.scope.dot)),
    ...call.scope.piped,
  ]);
}

function callFunction(execution: Execution, name: string, call: Call): unknown {
  if (name === 'and' || name === 'or') return shortCircuit(execution, name, call);
  const work = execution.functions.get(name);
  if (work === undefined) return failLang('Evaluation', `${name} is not a defined function`);
  const args = call.operands.map((operand) => evaluateOperand(execution, operand, call.scope.dot));
  const all = [...args, ...call.scope.piped];
  step(execution, workOf(all));
  const value = invoke(name, work, all);
  if (typeof value === 'object' || typeof value === 'string') step(execution, workOf([value]));
  return value;
}

function invoke(name: string, work: TemplateFunction, args: readonly unknown[]): unknown {
  try {
    return work(args.map((value) => value ?? null));
  } catch (thrown) {
    if (thrown instanceof LangFailure && thrown.error.kind === 'Limit') throw thrown;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    if (reason.startsWith('wrong number of args')) {
      return failLang('Evaluation', reason.replace('args:', `args for ${name}:`));
    }
    return failLang('Evaluation', `error calling ${name}: ${reason}`);
  }
}

/** `and` and `or` evaluate no argument after the one that decides. */
function shortCircuit(execution: Execution, name: 'and' | 'or', call: Call): unknown {
  let value: unknown;
  let count = 0;
  for (const operand of call.operands) {
    value = evaluateOperand(execution, operand, call.scope.dot);
    count += 1;
    if (isTrueValue(value) === (name === 'or')) return value;
  }
  if (call.scope.piped.length > 0) return call.scope.piped[0];
  if (count === 0) {
    failLang('Evaluation', `wrong number of args for ${name}: want at least 1 got 0`);
  }
  return value;
}

function evaluateOperand(execution: Execution, operand: Operand, dot: unknown): unknown {
  switch (operand.kind) {
    case 'Literal':
      return operand.value;
    case 'Dot':
      return fieldsOf(dot, operand.fields);
    case 'Variable': {
      const variable = execution.variables.findLast(({ name }) => name === operand.name);
      return fieldsOf(variable?.value, operand.fields);
    }
    case 'Pipe':
      return fieldsOf(evaluatePipeline(execution, operand.pipeline, dot), operand.fields);
    case 'Function': {
      const scope = { dot, piped: [] };
      const result = callFunction(execution, operand.name, { operands: [], scope });
      return fieldsOf(result, operand.fields);
    }
  }
}

/** Follows field names; a missing key of a map is no value, and so is everything below it. */
function fieldsOf(value: unknown, fields: readonly string[]): unknown {
  return fields.reduce(fieldOf, value);
}

function fieldOf(owner: unknown, name: string): unknown {
  if (owner === undefined) return undefined;
  if (owner === null) {
    return failLang('Evaluation', `nil pointer evaluating interface {}.${name}`);
  }
  if (!isGoMap(owner)) {
    return failLang('Evaluation', `can't evaluate field ${name} in type ${kindOfValue(owner)}`);
  }
  if (!Object.hasOwn(owner, name)) return undefined;
  const member = owner[name];
  return typeof member === 'function' ? (Reflect.apply(member, owner, []) as unknown) : member;
}
