export { isMutex, lockId, lockName, type LockKey } from './lock-key.ts';
export { lockMachine, lockSnapshot, owedByLocks, stepLocks, type LockStep } from './machine.ts';
export type { LockEffect, LockFact, LockInput, LockOutcome, LockRequest } from './messages.ts';
export { initialLocks, type LockState } from './state.ts';
