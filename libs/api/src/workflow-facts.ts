import { assertNever } from '@argosy/base';
import type { Fact, NodeCreatedFact, NodeOutputs } from '@argosy/core-workflow';
import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import {
  FactBatchSchema,
  FactSchema,
  type Fact as WireFact,
  type NodeCreated,
  type NodeOutputs as WireOutputs,
} from './gen/argosy/workflow/v1/facts_pb.js';
import {
  CANCEL_REASONS,
  NODE_PHASES,
  NODE_RELATIONS,
  NODE_TYPES,
  SHUTDOWN_STRATEGIES,
  RUN_PHASES,
} from './workflow-fact-names.ts';

type Init = MessageInitShape<typeof FactSchema>['kind'];
type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;

/** Facts as the data of one message of the FACTS stream. */
export function encodeFacts(facts: readonly Fact[]): Uint8Array {
  const atMs = facts[0]?.at ?? 0;
  const wire = facts.map((fact) => {
    const kind = fact.kind.startsWith('Run') ? runKind(fact) : nodeKind(fact);
    return create(FactSchema, { atDeltaMs: fact.at - atMs, ...(kind ? { kind } : {}) });
  });
  return toBinary(FactBatchSchema, create(FactBatchSchema, { atMs, facts: wire }));
}

/**
 * Reads the facts of one message.
 * @throws Error when the bytes are no FactBatch, or hold a kind that this version does not know: a
 * history must not be read with holes.
 */
export function decodeFacts(data: Uint8Array): Fact[] {
  const batch = fromBinary(FactBatchSchema, data);
  return batch.facts.map((wire) => factFromWire(wire, batch.atMs + wire.atDeltaMs));
}

function runKind(fact: Fact): Init {
  switch (fact.kind) {
    case 'RunSubmitted':
      return { case: 'runSubmitted', value: { runJson: jsonBytes(fact.run) } };
    case 'RunStarted':
      return { case: 'runStarted', value: {} };
    case 'RunFinished':
      return {
        case: 'runFinished',
        value: { phase: NODE_PHASES.toWire(fact.phase), message: fact.message },
      };
    case 'RunSuspended':
      return { case: 'runSuspended', value: { suspended: fact.suspended } };
    case 'RunShutdown':
      return {
        case: 'runShutdown',
        value: { strategy: CANCEL_REASONS.toWire(fact.strategy), message: fact.message },
      };
    case 'RunDeadlineReached':
      return { case: 'runDeadlineReached', value: {} };
    case 'RunLabelled':
      return { case: 'runLabelled', value: { labels: { ...fact.labels } } };
    case 'RunRetried': {
      const { dropped, reopened, parameters } = fact;
      return {
        case: 'runRetried',
        value: { dropped: [...dropped], reopened: [...reopened], parameters: { ...parameters } },
      };
    }
    default:
      return nodeKind(fact);
  }
}

type NodeFact = Exclude<Fact, { kind: `Run${string}` }>;

function nodeKind(fact: Fact): Init {
  switch (fact.kind) {
    case 'NodeCreated':
      return { case: 'nodeCreated', value: createdToWire(fact) };
    case 'NodeFinished':
      return finishedToWire(fact);
    default:
      return smallNodeKind(fact as Exclude<NodeFact, { kind: 'NodeCreated' | 'NodeFinished' }>);
  }
}

function smallNodeKind(fact: Exclude<NodeFact, { kind: 'NodeCreated' | 'NodeFinished' }>): Init {
  const { node } = fact;
  switch (fact.kind) {
    case 'NodeStarted': {
      const { hostNodeName, podIP, until } = fact;
      return { case: 'nodeStarted', value: { node, hostNodeName, podIp: podIP, untilMs: until } };
    }
    case 'NodeProgressed':
      return { case: 'nodeProgressed', value: { node, progress: fact.progress } };
    case 'NodeSettled':
      return { case: 'nodeSettled', value: { node } };
    case 'NodeWaiting':
      return {
        case: 'nodeWaiting',
        value: { node, untilMs: fact.until, message: fact.message },
      };
    case 'NodeWoken':
      return { case: 'nodeWoken', value: { node } };
    case 'NodeAmended':
      return {
        case: 'nodeAmended',
        value: { node, message: fact.message, parameters: { ...fact.parameters } },
      };
    case 'LoopExpanded':
      return { case: 'loopExpanded', value: { node, slot: fact.slot, items: [...fact.items] } };
    default:
      return assertNever(fact);
  }
}

function createdToWire(
  fact: NodeCreatedFact,
): Extract<NonNullable<Init>, { case: 'nodeCreated' }>['value'] {
  const parameters = fact.parameters ?? [];
  return {
    type: NODE_TYPES.toWire(fact.type),
    phase: NODE_PHASES.toWire(fact.phase),
    relation: NODE_RELATIONS.toWire(fact.relation),
    parentPlusOne: fact.parent + 1,
    slot: fact.slot,
    itemPlusOne: fact.item + 1,
    templatePlusOne: fact.plan + 1,
    label: fact.label,
    message: fact.message,
    hasInputs: fact.parameters !== undefined || fact.artifacts !== undefined,
    parameters: parameters.map((value) => value ?? ''),
    unsetParameters: parameters.flatMap((value, index) => (value === null ? [index] : [])),
    artifactsJson: listBytes(fact.artifacts),
    untilMs: fact.until,
  };
}

function createdFromWire(wire: NodeCreated, at: number): NodeCreatedFact {
  const unset = new Set(wire.unsetParameters);
  return {
    kind: 'NodeCreated',
    at,
    type: NODE_TYPES.fromWire(wire.type),
    phase: NODE_PHASES.fromWire(wire.phase),
    relation: NODE_RELATIONS.fromWire(wire.relation),
    parent: wire.parentPlusOne - 1,
    slot: wire.slot,
    item: wire.itemPlusOne - 1,
    plan: wire.templatePlusOne - 1,
    label: wire.label,
    message: wire.message,
    until: wire.untilMs,
    ...(wire.hasInputs
      ? {
          parameters: wire.parameters.map((value, index) => (unset.has(index) ? null : value)),
          artifacts: parseList(wire.artifactsJson),
        }
      : {}),
  };
}

function finishedToWire(fact: FactOf<'NodeFinished'>): Init {
  const { node, message, outputs, cancel } = fact;
  const value = {
    node,
    message,
    phase: NODE_PHASES.toWire(fact.phase),
    ...(outputs === undefined ? {} : { outputs: outputsToWire(outputs) }),
    ...(cancel === undefined ? {} : { cancel: CANCEL_REASONS.toWire(cancel) }),
  };
  return { case: 'nodeFinished', value };
}

function outputsToWire(outputs: NodeOutputs) {
  return {
    ...(outputs.result === undefined ? {} : { result: outputs.result }),
    ...(outputs.exitCode === undefined ? {} : { exitCode: outputs.exitCode }),
    parameters: { ...outputs.parameters },
    artifactsJson: listBytes(outputs.artifacts),
  };
}

function outputsFromWire(wire: WireOutputs): NodeOutputs {
  return {
    ...(wire.result === undefined ? {} : { result: wire.result }),
    ...(wire.exitCode === undefined ? {} : { exitCode: wire.exitCode }),
    ...(Object.keys(wire.parameters).length === 0 ? {} : { parameters: wire.parameters }),
    ...(wire.artifactsJson.length === 0 ? {} : { artifacts: parseList(wire.artifactsJson) }),
  };
}

function factFromWire({ kind }: WireFact, at: number): Fact {
  switch (kind.case) {
    case 'runSubmitted':
      return { kind: 'RunSubmitted', at, run: parseJson(kind.value.runJson) };
    case 'runStarted':
      return { kind: 'RunStarted', at };
    case 'runFinished': {
      const phase = RUN_PHASES.fromWire(kind.value.phase);
      return { kind: 'RunFinished', at, phase, message: kind.value.message };
    }
    case 'runSuspended':
      return { kind: 'RunSuspended', at, suspended: kind.value.suspended };
    case 'runShutdown': {
      const strategy = SHUTDOWN_STRATEGIES.fromWire(kind.value.strategy);
      return { kind: 'RunShutdown', at, strategy, message: kind.value.message };
    }
    case 'runDeadlineReached':
      return { kind: 'RunDeadlineReached', at };
    case 'runLabelled':
      return { kind: 'RunLabelled', at, labels: kind.value.labels };
    case 'runRetried': {
      const { dropped, reopened, parameters } = kind.value;
      return { kind: 'RunRetried', at, dropped, reopened, parameters };
    }
    default:
      return nodeFactFromWire(kind, at);
  }
}

function nodeFactFromWire(kind: WireFact['kind'], at: number): Fact {
  switch (kind.case) {
    case 'nodeCreated':
      return createdFromWire(kind.value, at);
    case 'nodeStarted': {
      const { node, hostNodeName, podIp, untilMs } = kind.value;
      return { kind: 'NodeStarted', at, node, hostNodeName, podIP: podIp, until: untilMs };
    }
    case 'nodeProgressed':
      return { kind: 'NodeProgressed', at, node: kind.value.node, progress: kind.value.progress };
    case 'nodeFinished':
      return finishedFromWire(kind.value, at);
    case 'nodeSettled':
      return { kind: 'NodeSettled', at, node: kind.value.node };
    case 'nodeWaiting': {
      const { node, untilMs, message } = kind.value;
      return { kind: 'NodeWaiting', at, node, until: untilMs, message };
    }
    case 'nodeWoken':
      return { kind: 'NodeWoken', at, node: kind.value.node };
    case 'nodeAmended': {
      const { node, message, parameters } = kind.value;
      return { kind: 'NodeAmended', at, node, message, parameters };
    }
    case 'loopExpanded': {
      const { node, slot, items } = kind.value;
      return { kind: 'LoopExpanded', at, node, slot, items };
    }
    default:
      throw new Error('the history holds a kind of fact that this version does not know');
  }
}

type WireFinished = Extract<WireFact['kind'], { case: 'nodeFinished' }>['value'];

function finishedFromWire(wire: WireFinished, at: number): Fact {
  const { node, message, outputs, cancel } = wire;
  return {
    kind: 'NodeFinished',
    at,
    node,
    phase: NODE_PHASES.fromWire(wire.phase),
    message,
    ...(outputs === undefined ? {} : { outputs: outputsFromWire(outputs) }),
    ...(cancel === 0 ? {} : { cancel: CANCEL_REASONS.fromWire(cancel) }),
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function jsonBytes(value: unknown): Uint8Array<ArrayBuffer> {
  return encoder.encode(JSON.stringify(value));
}

function listBytes(list: readonly unknown[] | undefined): Uint8Array<ArrayBuffer> {
  return list === undefined || list.length === 0 ? new Uint8Array(0) : jsonBytes(list);
}

function parseJson<T>(bytes: Uint8Array): T {
  return JSON.parse(decoder.decode(bytes)) as T;
}

function parseList<T>(bytes: Uint8Array): T[] {
  return bytes.length === 0 ? [] : parseJson<T[]>(bytes);
}
