// Covers the in-memory bus by the contract that the real one passes too. Leaves out lost
// connections and restarts, which it does not have.
import { createMemoryBus } from './memory-bus.ts';
import { describeBusContract } from '../testing/index.ts';

describeBusContract('the in-memory bus', async () => {
  const bus = createMemoryBus();
  return Promise.resolve({
    bus,
    other: bus,
    close: async () => bus[Symbol.asyncDispose](),
  });
});
