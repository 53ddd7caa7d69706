// Covers the bus on a real nats-server by the common contract. Leaves out lost connections and
// restarts (see reconnect.integration.test.ts) and changes of the topology (see
// apply-topology.integration.test.ts).
import { startTestNats } from '@argosy/testkit';
import { describeBusContract } from '../testing/index.ts';
import { connectBus } from './nats-bus.ts';

describeBusContract('the bus on nats-server', async () => {
  const nats = await startTestNats();
  const bus = await connectBus({ url: nats.url, token: nats.token, name: 'contract' });
  const other = await connectBus({ url: nats.url, token: nats.token, name: 'other' });
  await bus.applyTopology();
  return {
    bus,
    other,
    close: async () => {
      await bus[Symbol.asyncDispose]();
      await other[Symbol.asyncDispose]();
      await nats.stop();
    },
  };
});
