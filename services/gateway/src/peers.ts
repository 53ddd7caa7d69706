import { BUCKETS, IngressService } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { Bus } from '@argosy/bus';
import { createRpcClient, type RpcClient } from '@argosy/rpc';
import { PEERS_REFRESH_MS } from './config.ts';
import { textOfBytes } from './text.ts';

export type Ingress = RpcClient<typeof IngressService>;

/** The live replicas of the event-source service, by their entries in the leases. */
export interface IngressPeers {
  /** The replicas in the order in which they are to be tried; each call begins with the next one. */
  inTurn(): Promise<readonly Ingress[]>;
  /** A replica did not answer: look who is there before the next request. */
  suspect(): void;
  close(): void;
}

const LEASE_PATTERN = 'event-source.*';

export function createIngressPeers(bus: Bus): IngressPeers {
  const clients = new Map<string, Ingress>();
  let readAtMs = 0;
  let turn = 0;

  async function refresh(): Promise<void> {
    if (clients.size > 0 && Date.now() - readAtMs < PEERS_REFRESH_MS) return;
    const addresses = new Set(await addressesOf(bus));
    readAtMs = Date.now();
    for (const [address, client] of clients) {
      if (addresses.has(address)) continue;
      client.close();
      clients.delete(address);
    }
    for (const address of addresses) {
      if (!clients.has(address)) clients.set(address, createRpcClient(IngressService, address));
    }
  }

  return {
    async inTurn() {
      await refresh();
      const all = Array.from(clients.values());
      turn = all.length === 0 ? 0 : (turn + 1) % all.length;
      return [...all.slice(turn), ...all.slice(0, turn)];
    },
    suspect() {
      readAtMs = 0;
    },
    close() {
      for (const client of clients.values()) client.close();
      clients.clear();
    },
  };
}

async function addressesOf(bus: Bus): Promise<readonly string[]> {
  const bucket = await bus.keyValue(BUCKETS.leases);
  const keys = await bucket.keys(LEASE_PATTERN);
  const entries = await Promise.all(keys.map((key) => bucket.get(key)));
  return entries.flatMap((entry) => {
    if (entry?.value === undefined) return [];
    try {
      const lease = JSON.parse(textOfBytes(entry.value)) as { rpcAddress?: unknown };
      return typeof lease.rpcAddress === 'string' ? [lease.rpcAddress] : [];
    } catch (error) {
      const message = `The lease ${entry.key} is not JSON.`;
      throw new ArgosyError('INTERNAL', message, { cause: error });
    }
  });
}
