import type { NodeStatus } from '@argosy/model';
import { firstDifference, foldOf } from './checks.ts';
import type { Engine } from './engine.ts';
import type { Scenario, Violation } from './scenario.ts';
import { playScenario } from './world.ts';

/** What is wrong with a scenario; nothing, if the core and the shell are right. */
export interface Verdict {
  readonly violations: readonly Violation[];
  readonly nodes: number;
  readonly facts: number;
  readonly events: number;
}

/** Plays a scenario with its faults and, if its end may not depend on them, without any; compares the ends. */
export function judge(scenario: Scenario, engine: Engine): Verdict {
  const played = playScenario(scenario, engine);
  const { nodes, events } = played;
  const facts = played.facts.reduce((sum, { length }) => sum + length, 0);
  if (played.violations.length > 0 || scenario.kind === 'wild') {
    return { violations: played.violations, nodes, facts, events };
  }
  const calm = playScenario({ ...scenario, faults: [], commands: [], isEncoded: false }, engine);
  const violations = calm.violations.map(({ rule, detail }) => {
    return { rule, detail: `without faults: ${detail}` };
  });
  if (violations.length > 0) return { violations, nodes, facts, events };
  for (const index of scenario.workflows.keys()) {
    const end = essenceOf(engine, played.facts[index] ?? []);
    const calmEnd = essenceOf(engine, calm.facts[index] ?? []);
    if (end === calmEnd) continue;
    const detail = `run-${index}: ${firstDifference(end, calmEnd)}`;
    violations.push({ rule: 'ends as without faults', detail });
  }
  return { violations, nodes, facts, events };
}

/** How a run ended, without anything that depends on times and on who did the work. */
function essenceOf(engine: Engine, facts: Parameters<typeof foldOf>[1]): string {
  const { status } = engine.renderWorkflow(foldOf(engine, facts));
  const nodes = Object.values(status?.nodes ?? {}).map(nodeEssence);
  const sorted = nodes.sort((left, right) => (left['name'] < right['name'] ? -1 : 1));
  const parameters = sortedBy(status?.outputs?.parameters ?? [], ({ name }) => name);
  const { phase, message, progress } = status ?? {};
  return JSON.stringify({ phase, message, progress, parameters, nodes: sorted }, null, 1);
}

function nodeEssence(node: NodeStatus): { readonly name: string } {
  const {
    startedAt: _startedAt,
    finishedAt: _finishedAt,
    hostNodeName: _hostNodeName,
    podIP: _podIP,
    children = [],
    outboundNodes = [],
    ...rest
  } = node as NodeStatus & { readonly name: string };
  return {
    ...rest,
    name: rest.name,
    ...{ children: [...children].sort(), outboundNodes: [...outboundNodes].sort() },
  };
}

function sortedBy<T>(list: readonly T[], keyOf: (item: T) => string): readonly T[] {
  return [...list].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
}
