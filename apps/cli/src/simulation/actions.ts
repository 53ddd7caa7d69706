import {
  renderWorkflow,
  type ControlCommand,
  type Fact,
  type HistoryEntry,
  type Input,
  type State,
} from '@argosy/core-workflow';
import type { Outcome, SimulatedEvent } from './format.ts';
import type { Mocks } from './mocks.ts';
import { durationMsOf, textsOf } from './texts.ts';

/** The command that an event of a simulation file gives. */
export function commandOf(event: SimulatedEvent): ControlCommand {
  const { nodeFieldSelector, message, phase } = event;
  const selector = nodeFieldSelector === undefined ? {} : { nodeFieldSelector };
  const said = message === undefined ? {} : { message };
  switch (event.do) {
    case 'suspend':
      return { kind: 'Suspend' };
    case 'resume':
      return { kind: 'Resume', ...selector, outputs: textsOf(event.outputs) };
    case 'stop':
      return { kind: 'Stop', ...selector, ...said };
    case 'terminate':
      return { kind: 'Terminate' };
    case 'retry':
      return {
        kind: 'Retry',
        ...selector,
        restartSuccessful: event.restartSuccessful ?? false,
        parameters: textsOf(event.parameters),
      };
    case 'set':
      return {
        kind: 'SetNode',
        nodeFieldSelector: nodeFieldSelector ?? '',
        outputs: textsOf(event.outputs),
        ...(phase === undefined ? {} : { phase }),
        ...said,
      };
  }
}

/** Events at fixed instants. */
export function scheduledInputs(
  events: readonly SimulatedEvent[],
  startMs: number,
): readonly Input[] {
  return events.flatMap((event): Input[] =>
    event.at === 'end'
      ? []
      : [{ kind: 'Control', at: startMs + durationMsOf(event.at), command: commandOf(event) }],
  );
}

/**
 * What people do about what happens: suspended nodes are answered as the mocks say, and what is to be done at the end
 * is done at the first one.
 */
export function createReactions(
  mocks: Mocks,
  events: readonly SimulatedEvent[],
): (entry: HistoryEntry, fact: Fact, state: State) => readonly Input[] {
  const atEnd = events.filter(({ at }) => at === 'end');
  return ({ node }, fact, state) => {
    if (fact.kind === 'RunFinished') {
      return atEnd.splice(0).map((event) => {
        return { kind: 'Control', at: fact.at, command: commandOf(event) };
      });
    }
    const isAsked = fact.kind === 'NodeCreated' && fact.type === 'Suspend';
    if (!isAsked || fact.phase !== 'Running' || node === undefined) return [];
    const outcome = mocks.next({
      templateName: node.templateName,
      displayName: node.displayName,
      nodeName: node.name,
      template: { inputs: renderWorkflow(state).status?.nodes?.[node.id]?.inputs ?? {} },
      endsByItself: fact.until > 0,
    });
    return outcome === undefined ? [] : answersTo(node.id, outcome, fact.at);
  };
}

/** How a suspended node goes on. */
function answersTo(id: string, outcome: Outcome, suspendedAt: number): readonly Input[] {
  const { phase = 'Succeeded', message = '', duration = 0, outputs, stays } = outcome;
  if (stays !== undefined) return [];
  const nodeFieldSelector = `id=${id}`;
  const command: ControlCommand =
    phase === 'Succeeded'
      ? { kind: 'Resume', nodeFieldSelector, outputs: textsOf(outputs) }
      : { kind: 'SetNode', nodeFieldSelector, phase, message };
  return [{ kind: 'Control', at: suspendedAt + durationMsOf(duration), command }];
}
