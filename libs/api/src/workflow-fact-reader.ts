import type { Fact, NodeCreatedFact, NodeGate, NodeOutputs } from '@argosy/core-workflow';
import {
  readGate,
  readLocksAsked,
  readLocksReturned,
  readLocksWaiting,
  readMemoAnswered,
  readNodeAdmitted,
} from './workflow-gate-reader.ts';
import { delimited, fixed64, varint, type WireReader } from './wire-reader.ts';
import {
  CANCEL_REASONS,
  NODE_PHASES,
  NODE_RELATIONS,
  NODE_TYPES,
  RUN_PHASES,
  SHUTDOWN_STRATEGIES,
} from './workflow-fact-names.ts';
import type { FactOf } from './workflow-fact-writer.ts';

/** Reads the content of one kind of fact, which ends at `end`. */
type ContentReader = (reader: WireReader, end: number, at: number) => Fact;

/** By the field of the message Fact that holds the kind; see facts.proto. */
const READERS: Readonly<Record<number, ContentReader>> = {
  2: readRunSubmitted,
  3: (reader, end, at) => ({ kind: 'RunStarted', at, ...nothing(reader, end) }),
  4: readRunFinished,
  5: readRunSuspended,
  6: readRunShutdown,
  7: (reader, end, at) => ({ kind: 'RunDeadlineReached', at, ...nothing(reader, end) }),
  8: readRunLabelled,
  9: readRunRetried,
  10: readNodeCreated,
  11: readNodeStarted,
  12: readNodeProgressed,
  13: readNodeFinished,
  14: (reader, end, at) => ({ kind: 'NodeSettled', at, node: onlyNode(reader, end) }),
  15: readNodeWaiting,
  16: (reader, end, at) => ({ kind: 'NodeWoken', at, node: onlyNode(reader, end) }),
  17: readNodeAmended,
  18: readLoopExpanded,
  19: readLocksAsked,
  20: readLocksWaiting,
  21: (reader, end, at) => ({ kind: 'LocksGranted', at, node: onlyNode(reader, end) - 1 }),
  22: readLocksReturned,
  23: readMemoAnswered,
  24: readNodeAdmitted,
};

/**
 * Reads one message Fact that ends at `end`. `atMs` is the instant of the batch.
 * @throws Error for a kind that this version does not know.
 */
export function readFact(reader: WireReader, end: number, atMs: number): Fact {
  let at = atMs;
  let content = -1;
  let contentEnd = -1;
  let read: ContentReader | undefined;
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === fixed64(1)) at = atMs + reader.double();
    else {
      read = READERS[tag >>> 3];
      if (read === undefined || tag !== delimited(tag >>> 3)) break;
      contentEnd = reader.end();
      content = reader.position;
      reader.position = contentEnd;
    }
  }
  if (read === undefined || content < 0) {
    throw new Error('the history holds a kind of fact that this version does not know');
  }
  reader.position = content;
  const fact = read(reader, contentEnd, at);
  reader.position = end;
  return fact;
}

function readRunSubmitted(reader: WireReader, end: number, at: number): Fact {
  let run: FactOf<'RunSubmitted'>['run'] | undefined;
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === delimited(1)) run = parseJson(reader.bytes());
    else reader.skip(tag);
  }
  if (run === undefined) throw new Error('the history begins without the header of the run');
  return { kind: 'RunSubmitted', at, run };
}

function readRunFinished(reader: WireReader, end: number, at: number): Fact {
  let phase = 0;
  let message = '';
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === varint(1)) phase = reader.uint();
    else if (tag === delimited(2)) message = reader.text();
    else reader.skip(tag);
  }
  return { kind: 'RunFinished', at, phase: RUN_PHASES.fromWire(phase), message };
}

function readRunSuspended(reader: WireReader, end: number, at: number): Fact {
  let suspended = false;
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === varint(1)) suspended = reader.uint() !== 0;
    else reader.skip(tag);
  }
  return { kind: 'RunSuspended', at, suspended };
}

function readRunShutdown(reader: WireReader, end: number, at: number): Fact {
  let strategy = 0;
  let message = '';
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === varint(1)) strategy = reader.uint();
    else if (tag === delimited(2)) message = reader.text();
    else reader.skip(tag);
  }
  return { kind: 'RunShutdown', at, strategy: SHUTDOWN_STRATEGIES.fromWire(strategy), message };
}

function readRunLabelled(reader: WireReader, end: number, at: number): Fact {
  const labels: Record<string, string> = {};
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === delimited(1)) reader.textEntry(labels);
    else reader.skip(tag);
  }
  return { kind: 'RunLabelled', at, labels };
}

function readRunRetried(reader: WireReader, end: number, at: number): Fact {
  const dropped: number[] = [];
  const reopened: number[] = [];
  const parameters: Record<string, string> = {};
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag >>> 3 === 1) reader.uints(tag, dropped);
    else if (tag >>> 3 === 2) reader.uints(tag, reopened);
    else if (tag === delimited(3)) reader.textEntry(parameters);
    else reader.skip(tag);
  }
  return { kind: 'RunRetried', at, dropped, reopened, parameters };
}

/** The fields of NodeCreated as they lie on the wire. */
interface WireCreated {
  type: number;
  phase: number;
  relation: number;
  parentPlusOne: number;
  slot: number;
  itemPlusOne: number;
  planPlusOne: number;
  label: string;
  message: string;
  hasInputs: boolean;
  parameters: (string | null)[];
  unset: number[];
  artifacts: NonNullable<NodeCreatedFact['artifacts']>;
  until: number;
  pendingUntil: number;
  gate: NodeGate | undefined;
  outputs: NodeOutputs | undefined;
}

function readNodeCreated(reader: WireReader, end: number, at: number): Fact {
  const wire: WireCreated = {
    type: 0,
    phase: 0,
    relation: 0,
    parentPlusOne: 0,
    slot: 0,
    itemPlusOne: 0,
    planPlusOne: 0,
    label: '',
    message: '',
    hasInputs: false,
    parameters: [],
    unset: [],
    artifacts: [],
    until: 0,
    pendingUntil: 0,
    gate: undefined,
    outputs: undefined,
  };
  while (reader.position < end) {
    const tag = reader.tag();
    if ((tag & 7) === 0 && tag <= varint(7)) readPosition(reader, tag, wire);
    else readCreatedValue(reader, tag, wire);
  }
  for (const index of wire.unset) wire.parameters[index] = null;
  return factOfCreated(wire, at);
}

function factOfCreated(wire: WireCreated, at: number): NodeCreatedFact {
  const fact = {
    kind: 'NodeCreated' as const,
    at,
    type: NODE_TYPES.fromWire(wire.type),
    phase: NODE_PHASES.fromWire(wire.phase),
    relation: NODE_RELATIONS.fromWire(wire.relation),
    parent: wire.parentPlusOne - 1,
    slot: wire.slot,
    item: wire.itemPlusOne - 1,
    plan: wire.planPlusOne - 1,
    label: wire.label,
    message: wire.message,
    until: wire.until,
  };
  const { pendingUntil, gate, outputs } = wire;
  if (pendingUntil !== 0) Object.assign(fact, { pendingUntil });
  if (gate !== undefined) Object.assign(fact, { gate });
  if (outputs !== undefined) Object.assign(fact, { outputs });
  if (!wire.hasInputs) return fact;
  return Object.assign(fact, { parameters: wire.parameters, artifacts: wire.artifacts });
}

function readPosition(reader: WireReader, tag: number, wire: WireCreated): void {
  const value = reader.uint();
  switch (tag) {
    case varint(1):
      wire.type = value;
      return;
    case varint(2):
      wire.phase = value;
      return;
    case varint(3):
      wire.relation = value;
      return;
    case varint(4):
      wire.parentPlusOne = value;
      return;
    case varint(5):
      wire.slot = value;
      return;
    case varint(6):
      wire.itemPlusOne = value;
      return;
    case varint(7):
      wire.planPlusOne = value;
      return;
  }
}

function readCreatedValue(reader: WireReader, tag: number, wire: WireCreated): void {
  if (tag === delimited(8)) wire.label = reader.text();
  else if (tag === delimited(9)) wire.message = reader.text();
  else if (tag === varint(10)) wire.hasInputs = reader.uint() !== 0;
  else if (tag === delimited(11)) wire.parameters.push(reader.text());
  else if (tag >>> 3 === 12) reader.uints(tag, wire.unset);
  else if (tag === delimited(13)) wire.artifacts = parseJson(reader.bytes());
  else if (tag === fixed64(14)) wire.until = reader.double();
  else readRareValue(reader, tag, wire);
}

function readRareValue(reader: WireReader, tag: number, wire: WireCreated): void {
  if (tag === fixed64(15)) wire.pendingUntil = reader.double();
  else if (tag === delimited(16)) wire.gate = readGate(reader, reader.end());
  else if (tag === delimited(17)) wire.outputs = readOutputs(reader, reader.end());
  else reader.skip(tag);
}

function readNodeStarted(reader: WireReader, end: number, at: number): Fact {
  let node = 0;
  let hostNodeName = '';
  let podIP = '';
  let until = 0;
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === varint(1)) node = reader.uint();
    else if (tag === delimited(2)) hostNodeName = reader.text();
    else if (tag === delimited(3)) podIP = reader.text();
    else if (tag === fixed64(4)) until = reader.double();
    else reader.skip(tag);
  }
  return { kind: 'NodeStarted', at, node, hostNodeName, podIP, until };
}

function readNodeProgressed(reader: WireReader, end: number, at: number): Fact {
  let node = 0;
  let progress = '';
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === varint(1)) node = reader.uint();
    else if (tag === delimited(2)) progress = reader.text();
    else reader.skip(tag);
  }
  return { kind: 'NodeProgressed', at, node, progress };
}

function readNodeFinished(reader: WireReader, end: number, at: number): Fact {
  let node = 0;
  let phase = 0;
  let message = '';
  let outputs: NodeOutputs | undefined;
  let cancel = 0;
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === varint(1)) node = reader.uint();
    else if (tag === varint(2)) phase = reader.uint();
    else if (tag === delimited(3)) message = reader.text();
    else if (tag === delimited(4)) outputs = readOutputs(reader, reader.end());
    else if (tag === varint(5)) cancel = reader.uint();
    else reader.skip(tag);
  }
  const fact = {
    kind: 'NodeFinished' as const,
    at,
    node,
    phase: NODE_PHASES.fromWire(phase),
    message,
  };
  if (outputs !== undefined) Object.assign(fact, { outputs });
  if (cancel !== 0) Object.assign(fact, { cancel: CANCEL_REASONS.fromWire(cancel) });
  return fact;
}

function readOutputs(reader: WireReader, end: number): NodeOutputs {
  let result: string | undefined;
  let exitCode: string | undefined;
  let parameters: Record<string, string> | undefined;
  let artifacts: NodeOutputs['artifacts'];
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === delimited(1)) result = reader.text();
    else if (tag === delimited(2)) exitCode = reader.text();
    else if (tag === delimited(3)) reader.textEntry((parameters ??= {}));
    else if (tag === delimited(4)) artifacts = parseJson(reader.bytes());
    else reader.skip(tag);
  }
  return {
    ...(result === undefined ? {} : { result }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(artifacts === undefined ? {} : { artifacts }),
  };
}

function readNodeWaiting(reader: WireReader, end: number, at: number): Fact {
  let node = 0;
  let until = 0;
  let message = '';
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === varint(1)) node = reader.uint();
    else if (tag === fixed64(2)) until = reader.double();
    else if (tag === delimited(3)) message = reader.text();
    else reader.skip(tag);
  }
  return { kind: 'NodeWaiting', at, node, until, message };
}

function readNodeAmended(reader: WireReader, end: number, at: number): Fact {
  let node = 0;
  let message = '';
  const parameters: Record<string, string> = {};
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === varint(1)) node = reader.uint();
    else if (tag === delimited(2)) message = reader.text();
    else if (tag === delimited(3)) reader.textEntry(parameters);
    else reader.skip(tag);
  }
  return { kind: 'NodeAmended', at, node, message, parameters };
}

function readLoopExpanded(reader: WireReader, end: number, at: number): Fact {
  let node = 0;
  let slot = 0;
  const items: string[] = [];
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === varint(1)) node = reader.uint();
    else if (tag === varint(2)) slot = reader.uint();
    else if (tag === delimited(3)) items.push(reader.text());
    else reader.skip(tag);
  }
  return { kind: 'LoopExpanded', at, node, slot, items };
}

function onlyNode(reader: WireReader, end: number): number {
  let node = 0;
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === varint(1)) node = reader.uint();
    else reader.skip(tag);
  }
  return node;
}

/** A message without fields of its own, whatever later versions put into it. */
function nothing(reader: WireReader, end: number): object {
  while (reader.position < end) reader.skip(reader.tag());
  return {};
}

const decoder = new TextDecoder();

function parseJson<T>(bytes: Uint8Array): T {
  return JSON.parse(decoder.decode(bytes)) as T;
}
