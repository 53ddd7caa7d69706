import { assertNever } from '@argosy/base';
import type { LockFact, LockKey, LockRequest } from '@argosy/core-workflow';
import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import {
  LockCommandSchema,
  LockFactBatchSchema,
  LockFactSchema,
  type LockFact as WireFact,
  type LockKey as WireKey,
  type LockRequest as WireRequest,
  type LockRequestSchema,
} from './gen/argosy/workflow/v1/locks_pb.js';
import { LOCK_KINDS } from './lock-key-wire.ts';

/** What is asked of whoever keeps the locks of the installation. */
export type LockCommand =
  | { readonly kind: 'Acquire'; readonly request: LockRequest }
  | { readonly kind: 'Release'; readonly holder: string }
  | { readonly kind: 'ReleaseRun'; readonly uid: string };

/** The data of an event of type `argosy.locks.command.v1`. */
export function encodeLockCommand(command: LockCommand): Uint8Array {
  return toBinary(LockCommandSchema, create(LockCommandSchema, { command: commandInit(command) }));
}

function commandInit(
  command: LockCommand,
): NonNullable<MessageInitShape<typeof LockCommandSchema>['command']> {
  switch (command.kind) {
    case 'Acquire':
      return { case: 'acquire', value: requestToWire(command.request) };
    case 'Release':
      return { case: 'release', value: { holder: command.holder } };
    case 'ReleaseRun':
      return { case: 'releaseRun', value: { uid: command.uid } };
    default:
      return assertNever(command);
  }
}

/**
 * Reads a command; undefined when it is of a kind that this version does not know.
 * @throws Error when the bytes are no LockCommand message.
 */
export function decodeLockCommand(data: Uint8Array): LockCommand | undefined {
  const { command } = fromBinary(LockCommandSchema, data);
  switch (command.case) {
    case 'acquire':
      return { kind: 'Acquire', request: requestFromWire(command.value) };
    case 'release':
      return { kind: 'Release', holder: command.value.holder };
    case 'releaseRun':
      return { kind: 'ReleaseRun', uid: command.value.uid };
    case undefined:
      return undefined;
  }
}

/** Facts about locks as the data of one message: an event of type `argosy.locks.facts.v1`. */
export function encodeLockFacts(facts: readonly LockFact[]): Uint8Array {
  const atMs = facts[0]?.at ?? 0;
  const wire = facts.map((fact) =>
    create(LockFactSchema, { atDeltaMs: fact.at - atMs, kind: factInit(fact) }),
  );
  return toBinary(LockFactBatchSchema, create(LockFactBatchSchema, { atMs, facts: wire }));
}

function factInit(fact: LockFact): NonNullable<MessageInitShape<typeof LockFactSchema>['kind']> {
  switch (fact.kind) {
    case 'LocksReset':
      return { case: 'reset', value: {} };
    case 'LockRequested':
      return { case: 'requested', value: requestToWire(fact.request) };
    case 'LockGranted':
      return { case: 'granted', value: { holder: fact.holder } };
    case 'LockRefused':
      return { case: 'refused', value: { holder: fact.holder, message: fact.message } };
    case 'LockReleased':
      return { case: 'released', value: { holder: fact.holder } };
    case 'LockLimitSet': {
      const { limit, message } = fact;
      return { case: 'limitSet', value: { lock: keyToWire(fact.lock), limit, message } };
    }
    default:
      return assertNever(fact);
  }
}

/**
 * Reads the facts of one message.
 * @throws Error when the bytes are no LockFactBatch, or hold a kind that this version does not know: a history must
 * not be read with holes.
 */
export function decodeLockFacts(data: Uint8Array): LockFact[] {
  const batch = fromBinary(LockFactBatchSchema, data);
  return batch.facts.map((wire) => factFromWire(wire, batch.atMs + wire.atDeltaMs));
}

function factFromWire({ kind }: WireFact, at: number): LockFact {
  switch (kind.case) {
    case 'reset':
      return { kind: 'LocksReset', at };
    case 'requested':
      return { kind: 'LockRequested', at, request: requestFromWire(kind.value) };
    case 'granted':
      return { kind: 'LockGranted', at, holder: kind.value.holder };
    case 'refused':
      return { kind: 'LockRefused', at, holder: kind.value.holder, message: kind.value.message };
    case 'released':
      return { kind: 'LockReleased', at, holder: kind.value.holder };
    case 'limitSet': {
      const { lock, limit, message } = kind.value;
      return { kind: 'LockLimitSet', at, lock: keyFromWire(lock), limit, message };
    }
    case undefined:
      throw new Error('the history of the locks holds a kind that this version does not know');
  }
}

function requestToWire(request: LockRequest): MessageInitShape<typeof LockRequestSchema> {
  const { nodeId = '', locks, ...rest } = request;
  return { ...rest, nodeId, locks: locks.map(keyToWire) };
}

function requestFromWire(wire: WireRequest): LockRequest {
  const { holder, uid, namespace, workflow, nodeId, priority, createdAtMs } = wire;
  return {
    holder,
    uid,
    namespace,
    workflow,
    ...(nodeId === '' ? {} : { nodeId }),
    locks: wire.locks.map(keyFromWire),
    priority,
    createdAtMs,
  };
}

function keyToWire(lock: LockKey) {
  return { ...lock, kind: LOCK_KINDS.toWire(lock.kind) };
}

function keyFromWire(wire: WireKey | undefined): LockKey {
  const { kind = 0, namespace = '', name = '', key = '' } = wire ?? {};
  return { kind: LOCK_KINDS.fromWire(kind), namespace, name, key };
}
