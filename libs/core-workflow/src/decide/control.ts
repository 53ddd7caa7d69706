import { assertNever, err, ok, type Refusal, type Result } from '@argosy/base';
import type { Fact } from '../facts.ts';
import type { ControlCommand } from '../input.ts';
import { isTaskType, nodeAt, type NodeRecord, type RunState } from '../state.ts';
import { decideRetry } from './manual-retry.ts';
import { parseNodeSelector, selects } from './selector.ts';
import { TERMINATED } from './submit.ts';
import { suppliedOutputs } from './supplied.ts';

type Decision = Result<readonly Fact[], Refusal>;
type CommandOf<Kind extends ControlCommand['kind']> = Extract<ControlCommand, { kind: Kind }>;

/** Does what a person asks of a run. */
export function decideControl(state: RunState, command: ControlCommand, at: number): Decision {
  if (state.context === undefined) return refuse('NotFound', 'the workflow does not exist');
  if (command.kind === 'Retry') return decideRetry(state, command, at);
  if (state.finishedAt > 0) {
    return refuse('FailedPrecondition', 'the workflow is completed; it cannot be changed any more');
  }
  switch (command.kind) {
    case 'Suspend':
      return ok(state.suspended ? [] : [{ kind: 'RunSuspended', at, suspended: true }]);
    case 'Resume':
      return decideResume(state, command, at);
    case 'Stop':
      return decideStop(state, command, at);
    case 'Terminate':
      return ok(shutdownFacts(state, { strategy: 'Terminate', message: '' }, at));
    case 'SetNode':
      return decideSet(state, command, at);
    default:
      return assertNever(command);
  }
}

function decideResume(state: RunState, command: CommandOf<'Resume'>, at: number): Decision {
  const selected = suspendedNodes(state, command.nodeFieldSelector);
  if (!selected.ok) return selected;
  const facts: Fact[] = [];
  for (const node of selected.value) {
    const outputs = suppliedOutputs(state, node, command.outputs ?? {});
    if (!outputs.ok) return refuse('FailedPrecondition', outputs.error);
    facts.push({
      kind: 'NodeFinished',
      at,
      node: node.index,
      phase: 'Succeeded',
      message: resumedMessage(command.by) ?? node.message,
      ...(outputs.value === undefined ? {} : { outputs: outputs.value }),
    });
  }
  if (command.nodeFieldSelector === undefined && state.suspended) {
    facts.push({ kind: 'RunSuspended', at, suspended: false });
  }
  return ok(facts);
}

/** As Go prints a map. */
function resumedMessage(by: Readonly<Record<string, string>> | undefined): string | undefined {
  if (by === undefined || Object.keys(by).length === 0) return undefined;
  const entries = Object.entries(by).sort(([left], [right]) => (left < right ? -1 : 1));
  return `Resumed by: map[${entries.map(([key, value]) => `${key}:${value}`).join(' ')}]`;
}

function decideStop(state: RunState, command: CommandOf<'Stop'>, at: number): Decision {
  if (command.nodeFieldSelector === undefined || command.nodeFieldSelector === '') {
    const message = command.message ?? '';
    return ok(shutdownFacts(state, { strategy: 'Stop', message }, at));
  }
  const selected = suspendedNodes(state, command.nodeFieldSelector);
  if (!selected.ok) return selected;
  const message = command.message ?? '';
  return ok(
    selected.value.map((node) => {
      return { kind: 'NodeFinished', at, node: node.index, phase: 'Failed', message };
    }),
  );
}

/** The run stops and every leaf that it does not spare ends at once. */
function shutdownFacts(
  state: RunState,
  shutdown: { readonly strategy: 'Stop' | 'Terminate'; readonly message: string },
  at: number,
): readonly Fact[] {
  if (state.shutdown === shutdown.strategy || state.shutdown === 'Terminate') return [];
  const message = `workflow shutdown with strategy: ${shutdown.strategy}`;
  if (state.phase === 'Pending') return shutdownBeforeStart(shutdown, at);
  return [
    { kind: 'RunShutdown', at, ...shutdown },
    ...failActive(
      state,
      { at, message, spareExit: shutdown.strategy === 'Stop' },
      shutdown.strategy,
    ),
  ];
}

/** A run that waits for its locks has no nodes to end: it is over at once, or goes on waiting and stops then. */
function shutdownBeforeStart(
  shutdown: { readonly strategy: 'Stop' | 'Terminate'; readonly message: string },
  at: number,
): readonly Fact[] {
  const fact: Fact = { kind: 'RunShutdown', at, ...shutdown };
  if (shutdown.strategy === 'Stop') return [fact];
  return [fact, { kind: 'RunFinished', at, phase: 'Failed', message: TERMINATED }];
}

/** Ends the leaves that are active and the nodes that wait for locks, and has their tasks cancelled. */
export function failActive(
  state: RunState,
  how: { readonly at: number; readonly message: string; readonly spareExit: boolean },
  reason: 'Stop' | 'Terminate' | 'Deadline',
): readonly Fact[] {
  const facts: Fact[] = [];
  for (const index of state.active) {
    const node = nodeAt(state, index);
    if (how.spareExit && node.inExit) continue;
    // A daemon has done its work: it is ended on purpose, as at the end of what encloses it.
    const end = node.daemoned
      ? ({ phase: 'Succeeded', message: '', cancel: 'Daemon' } as const)
      : ({ phase: 'Failed', message: how.message, cancel: reason } as const);
    const { cancel, ...result } = end;
    const cancelled = isTaskType(node.type) ? { cancel } : {};
    facts.push({ kind: 'NodeFinished', at: how.at, node: index, ...result, ...cancelled });
  }
  for (const index of state.gates.keys()) {
    if (how.spareExit && nodeAt(state, index).inExit) continue;
    const { at, message } = how;
    facts.push({ kind: 'NodeFinished', at, node: index, phase: 'Failed', message });
  }
  return facts;
}

function decideSet(state: RunState, command: CommandOf<'SetNode'>, at: number): Decision {
  const selected = suspendedNodes(state, command.nodeFieldSelector);
  if (!selected.ok) return selected;
  const facts: Fact[] = [];
  for (const node of selected.value) {
    const parameters = command.outputs ?? {};
    const message = command.message ?? '';
    facts.push({ kind: 'NodeAmended', at, node: node.index, message, parameters });
    if (command.phase === undefined) continue;
    const outputs = { ...node.outputs?.parameters, ...parameters };
    facts.push({
      kind: 'NodeFinished',
      at,
      node: node.index,
      phase: command.phase,
      message: message === '' ? node.message : message,
      ...(Object.keys(outputs).length === 0 ? {} : { outputs: { parameters: outputs } }),
    });
  }
  return ok(facts);
}

/** The active suspend nodes that a selector means; naming none is an error, unless none is asked for. */
function suspendedNodes(
  state: RunState,
  selectorText: string | undefined,
): Result<readonly NodeRecord[], Refusal> {
  const selector = parseNodeSelector(selectorText ?? '');
  if (!selector.ok) return refuse('InvalidArgument', selector.error);
  const nodes = [...state.active]
    .map((index) => nodeAt(state, index))
    .filter((node) => node.type === 'Suspend' && selects(selector.value, state, node));
  if (nodes.length === 0 && selector.value.length > 0) {
    const message = `no suspended node matches the node field selector '${selectorText ?? ''}'`;
    return refuse('NotFound', message);
  }
  return ok(nodes);
}

function refuse(
  code: Refusal['code'],
  message: string,
): { readonly ok: false; readonly error: Refusal } {
  return err({ code, message });
}
