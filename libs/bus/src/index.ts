export { createMemoryBus, type MemoryBusOptions } from './memory/memory-bus.ts';
export { connectBus, type ConnectBusOptions, type NatsBus } from './nats/nats-bus.ts';
export type { TopologyReport } from './nats/apply-topology.ts';
export {
  connectOutsideNats,
  type OutsideNats,
  type OutsideNatsCredentials,
  type OutsideNatsOptions,
  type OutsideNatsTls,
} from './outside/outside-nats.ts';
export type {
  OutsideConsumer,
  OutsideConsumerOptions,
  OutsideDelivery,
} from './outside/consumer.ts';
export type { OutsideMessage } from './outside/message.ts';
export { holdLease, leaseOwner, tryLease, type Lease, type LeaseOptions } from './lease.ts';
export { topology, type StreamDeclaration, type TopologyOptions } from './topology.ts';
export type { BusLogger } from './logger.ts';
export type * from './types.ts';
