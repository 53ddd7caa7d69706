import { connectBus, type NatsBus } from '@argosy/bus';

/** A connection to a test's NATS with all streams declared. */
export async function applyTopologyAndConnect(
  url: string,
  token: string,
  name: string,
): Promise<NatsBus> {
  const bus = await connectBus({ url, token, name });
  await bus.applyTopology();
  return bus;
}
