export { createMemoryBus, type MemoryBusOptions } from './memory/memory-bus.ts';
export { topology, type StreamDeclaration, type TopologyOptions } from './topology.ts';
export type { BusLogger } from './logger.ts';
export type * from './types.ts';
