// Reads the facts of one run with a model of its own, far simpler than the core's state, and says which rule they break.
import type { Fact, NodeCreatedFact } from '@argosy/core-workflow';
import type { Workflow } from '@argosy/model';
import {
  isEnded,
  problemsOfAttempts,
  problemsOfExit,
  problemsOfLoop,
  problemsOfTask,
  type Call,
  type ModelNode,
} from './oracle.ts';

/** Follows the facts of one run. */
export interface Observer {
  /** The rule that a fact breaks, told with the fact. */
  observe(fact: Fact): readonly string[];
  readonly isFinished: boolean;
  /** The node has an end by what is in the log. */
  hasEnded(index: number): boolean;
  nodeCount(): number;
}

export function createObserver(workflow: Workflow): Observer {
  const nodes: ModelNode[] = [];
  const problems: string[] = [];
  const templates = new Map((workflow.spec.templates ?? []).map((each) => [each.name, each]));
  /** Nodes that have to get locks before they begin. */
  const gated = new Set<number>();
  let isFinished = false;
  let isSubmitted = false;
  let isTerminated = false;

  const check = (holds: boolean, rule: () => string): void => {
    if (!holds) problems.push(rule());
  };
  const nodeAt = (index: number): ModelNode | undefined => nodes[index];
  const live = (): ModelNode[] => nodes.filter((node) => !node.isDropped);
  const shown = (node: ModelNode | undefined): string => {
    return node === undefined ? 'no node' : `node ${node.index} (${node.type} ${node.phase})`;
  };

  // eslint-disable-next-line complexity -- one case for each relation
  const callOf = (fact: NodeCreatedFact): Call | undefined => {
    const parent = nodeAt(fact.parent);
    switch (fact.relation) {
      case 'root':
        return { name: '', template: workflow.spec.entrypoint ?? '' };
      case 'step': {
        const steps = parent === undefined ? undefined : nodeAt(parent.parent);
        return steps?.template?.steps?.[parent?.slot ?? 0]?.[fact.slot];
      }
      case 'task':
        return parent?.template?.dag?.tasks?.[fact.slot];
      case 'item':
      case 'attempt':
        return parent?.call;
      case 'hook':
        return hookOf(parent?.call, fact.label);
      case 'runHook':
        return hookOf(workflow.spec as Partial<Call>, fact.label);
      case 'group':
      case 'container':
        return undefined;
    }
  };

  const create = (fact: NodeCreatedFact): void => {
    const parent = nodeAt(fact.parent);
    check(!isFinished, () => 'a finished run gets no nodes');
    check(fact.parent < 0 || parent !== undefined, () => `node ${nodes.length} has no parent`);
    check(parent?.isDropped !== true, () => `${shown(parent)} is dropped and gets a child`);
    const isAfter = ['hook', 'container'].includes(fact.relation) || parent === undefined;
    check(isAfter || !isEnded(parent), () => `${shown(parent)} has ended and gets a child`);
    const call = callOf(fact);
    const node: ModelNode = {
      index: nodes.length,
      type: fact.type,
      relation: fact.relation,
      parent: fact.parent,
      slot: fact.slot,
      label: fact.label,
      boundary: boundaryOf(fact, parent),
      call,
      template: templates.get(call?.template ?? ''),
      phase: fact.phase,
      isWaiting: fact.gate !== undefined,
      isDropped: false,
      isDaemoned: false,
    };
    problems.push(...problemsOfTask(nodes, node));
    nodes.push(node);
    if (!isEnded(node) && !node.isWaiting) checkLimits(node);
    if (node.isWaiting) gated.add(node.index);
  };

  /** A node that waited begins now. */
  const admit = (index: number): void => {
    const node = change(index, 'is let in');
    check(node?.isWaiting === true, () => `${shown(node)} is let in and did not wait`);
    if (node === undefined) return;
    node.isWaiting = false;
    node.phase = TASKS.has(node.type) ? 'Pending' : 'Running';
    checkLimits(node);
  };

  /** With the new node among them, no more may be active than the limits say. */
  const checkLimits = (node: ModelNode): void => {
    const { parallelism } = workflow.spec;
    if (parallelism !== undefined && node.type === 'Pod') {
      const pods = live().filter((each) => each.type === 'Pod' && isActive(each)).length;
      check(pods <= parallelism, () => `${pods} pods are active, ${parallelism} are allowed`);
    }
    const limit = nodeAt(node.boundary)?.template?.parallelism;
    if (limit === undefined || !COUNTED.has(node.type)) return;
    const active = live().filter((each) => {
      return each.boundary === node.boundary && COUNTED.has(each.type) && isActive(each);
    }).length;
    check(active <= limit, () => `${active} children of node ${node.boundary}, ${limit} allowed`);
  };

  // eslint-disable-next-line complexity -- a list of rules, each a line
  const finish = (index: number, phase: string, message: string): void => {
    const node = nodeAt(index);
    check(!isFinished, () => 'nodes of a finished run do not change');
    check(node !== undefined && !isEnded(node), () => `${shown(node)} ends again as ${phase}`);
    check(node?.isDropped !== true, () => `${shown(node)} is dropped and ends`);
    if (node === undefined) return;
    for (const child of live()) {
      if (isEnded(child) || child.isDaemoned) continue;
      const host = child.relation === 'hook' ? nodeAt(child.parent) : undefined;
      const manager = host === undefined ? child.parent : host.parent;
      const isBelow = manager === index && child.relation !== 'container';
      check(!isBelow, () => `${shown(node)} ends as ${phase} before ${shown(child)}`);
    }
    problems.push(...problemsOfAttempts(nodes, node, message));
    node.phase = phase;
    if (node.type === 'Pod') endContainers(node, phase);
    if (node.type === 'Steps' || node.type === 'DAG') endDaemons(index);
  };

  const endContainers = (pod: ModelNode, phase: string): void => {
    for (const node of nodes) {
      if (node.parent === pod.index && node.relation === 'container') node.phase = phase;
    }
  };

  /** Daemons end with what encloses them, without facts of their own. */
  const endDaemons = (boundary: number): void => {
    for (const node of live()) {
      if (node.boundary !== boundary || !node.isDaemoned || isEnded(node)) continue;
      if (node.type === 'Retry') continue;
      node.phase = 'Succeeded';
      const parent = nodeAt(node.parent);
      if (node.relation === 'attempt' && parent !== undefined) parent.phase = 'Succeeded';
    }
  };

  const start = (index: number): void => {
    const node = nodeAt(index);
    check(node?.phase === 'Pending' && !node.isWaiting, () => `${shown(node)} starts`);
    if (node === undefined) return;
    node.phase = 'Running';
    if (node.template?.daemon === true) node.isDaemoned = true;
  };

  const change = (index: number, what: string): ModelNode | undefined => {
    const node = nodeAt(index);
    const isOpen = node !== undefined && !isEnded(node) && !node.isDropped;
    check(isOpen && !isFinished, () => `${shown(node)} ${what} though it has ended`);
    return node;
  };

  const spread = (fact: Extract<Fact, { kind: 'LoopExpanded' }>): void => {
    const node = change(fact.node, 'spreads its loop');
    const count = fact.items.length;
    if (node !== undefined)
      problems.push(...problemsOfLoop(stepOf(node, fact.slot), fact.slot, count));
  };

  /** A group spreads the loops of its steps, each in its slot. */
  const stepOf = (node: ModelNode, slot: number): ModelNode => {
    if (node.type !== 'StepGroup') return node;
    const call = nodeAt(node.parent)?.template?.steps?.[node.slot]?.[slot];
    return { ...node, call };
  };

  const retryRun = (fact: Extract<Fact, { kind: 'RunRetried' }>): void => {
    check(isFinished, () => 'a run that goes on is retried');
    isFinished = false;
    isTerminated = false;
    for (const index of fact.dropped) {
      const node = nodeAt(index);
      if (node !== undefined) node.isDropped = true;
    }
    for (const index of fact.reopened) {
      const node = nodeAt(index);
      check(node !== undefined && isEnded(node), () => `${shown(node)} is opened again`);
      if (node === undefined) continue;
      node.isWaiting = gated.has(index);
      node.phase = node.isWaiting ? 'Pending' : 'Running';
    }
  };

  const finishRun = (): void => {
    check(!isFinished, () => 'the run ends again');
    problems.push(...problemsOfExit(nodes, workflow.spec, isTerminated));
    isFinished = true;
    for (const node of live()) {
      const isOpen = !isEnded(node) && !node.isDaemoned && node.relation !== 'container';
      check(!isOpen, () => `the run ends before ${shown(node)}`);
      if (!isEnded(node)) node.phase = 'Succeeded';
    }
  };

  // eslint-disable-next-line complexity -- one case for each fact
  const apply = (fact: Fact): void => {
    switch (fact.kind) {
      case 'RunSubmitted':
        check(!isSubmitted, () => 'the run is submitted again');
        isSubmitted = true;
        return;
      case 'NodeCreated':
        return create(fact);
      case 'NodeAdmitted':
        return admit(fact.node);
      case 'NodeStarted':
        return start(fact.node);
      case 'NodeFinished':
        return finish(fact.node, fact.phase, fact.message);
      case 'NodeProgressed':
        return void change(fact.node, 'makes progress');
      case 'NodeWaiting':
        return void change(fact.node, 'waits');
      case 'NodeWoken':
        return void change(fact.node, 'is woken');
      case 'NodeAmended':
        return void change(fact.node, 'is amended');
      case 'LoopExpanded':
        return spread(fact);
      case 'NodeSettled': {
        const node = nodeAt(fact.node);
        if (node !== undefined && !isEnded(node)) node.isDaemoned = true;
        return;
      }
      case 'LocksReturned':
        // May come at any time: whoever asked for them has ended.
        return;
      case 'RunFinished':
        return finishRun();
      case 'RunRetried':
        return retryRun(fact);
      case 'RunShutdown':
        isTerminated ||= fact.strategy === 'Terminate';
        return check(!isFinished, () => 'a finished run is shut down');
      default:
        check(!isFinished, () => `${fact.kind} though the run has ended`);
    }
  };

  return {
    get isFinished() {
      return isFinished;
    },
    observe(fact) {
      problems.length = 0;
      apply(fact);
      return problems.map((problem) => `${fact.kind}: ${problem}`);
    },
    hasEnded(index) {
      const node = nodeAt(index);
      return node === undefined || node.isDropped || isEnded(node);
    },
    nodeCount: () => nodes.length,
  };
}

/** Types of nodes that count for a template's parallelism. */
const COUNTED: ReadonlySet<string> = new Set(['Pod', 'Steps', 'DAG']);

/** Types of nodes whose work an executor does. */
const TASKS: ReadonlySet<string> = new Set(['Pod', 'HTTP', 'Plugin']);

function isActive(node: ModelNode): boolean {
  return !isEnded(node) && !node.isWaiting;
}

function boundaryOf(fact: NodeCreatedFact, parent: ModelNode | undefined): number {
  if (parent === undefined) return -1;
  switch (fact.relation) {
    case 'root':
    case 'runHook':
      return -1;
    case 'group':
    case 'task':
    case 'container':
      return parent.index;
    case 'step':
      return parent.parent;
    case 'item':
    case 'attempt':
    case 'hook':
      return parent.boundary;
  }
}

function hookOf(owner: Partial<Call> | undefined, label: string): Call {
  const exit = label === 'exit' ? owner?.onExit : undefined;
  const template = owner?.hooks?.[label]?.template ?? exit ?? '';
  return { name: label, template };
}
