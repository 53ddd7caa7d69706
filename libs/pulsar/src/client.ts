import { isIP } from 'node:net';
import { ArgosyError, innermostReason } from '@argosy/base';
import { openConnection, unavailable, type Connection, type PulsarAccess } from './connection.ts';
import { errorText } from './error-text.ts';
import { parseServiceUrl, type BrokerAddress } from './service-url.ts';

/** Finds the brokers of topics and keeps one connection to each. */
export interface PulsarClient {
  /**
   * The topics that are stored: one per partition, or the topic itself when it has none.
   * @throws ArgosyError UNAVAILABLE
   */
  partitionsOf(topic: string): Promise<readonly [string, ...string[]]>;
  /** The connection to the broker that has a topic without partitions. @throws ArgosyError UNAVAILABLE */
  brokerOf(topic: string): Promise<Connection>;
  /** Closes all connections; what is open on them is lost. */
  close(): void;
}

/** Brokers that pass a question on to another one, at the most. */
const REDIRECTS_MAX = 20;
const SUCCEEDED = 0;
const REDIRECTED = 0;
const FOUND = 1;

interface Place {
  readonly address: BrokerAddress;
  readonly brokerBehind?: string | undefined;
}

/** Keeps one connection to each place. */
function createPool(access: PulsarAccess): {
  connectionTo(place: Place): Promise<Connection>;
  close(): void;
} {
  const opened = new Map<string, { opening: Promise<Connection>; connection?: Connection }>();
  let isClosed = false;
  return {
    async connectionTo(place) {
      if (isClosed) throw unavailable('it was closed');
      const key = JSON.stringify(place);
      const known = opened.get(key);
      if (known !== undefined && known.connection?.isLost() !== true) return known.opening;
      const entry: { opening: Promise<Connection>; connection?: Connection } = {
        opening: openConnection({ ...place, access }),
      };
      opened.set(key, entry);
      try {
        entry.connection = await entry.opening;
      } catch (error) {
        if (opened.get(key) === entry) opened.delete(key);
        throw error;
      }
      if (isClosed) entry.connection.close();
      return entry.connection;
    },
    close() {
      isClosed = true;
      for (const { connection } of opened.values()) connection?.close();
    },
  };
}

/** @throws ArgosyError INVALID_ARGUMENT when the url is none */
export function createPulsarClient(url: string, access: PulsarAccess): PulsarClient {
  const parsed = parseServiceUrl(url);
  if (!parsed.ok) throw new ArgosyError('INVALID_ARGUMENT', `url ${parsed.error}`);
  const services = parsed.value;
  const { connectionTo, close } = createPool(access);

  /** Whichever of the addresses of the url answers. */
  async function anyService(): Promise<{ connection: Connection; address: BrokerAddress }> {
    const reasons: string[] = [];
    for (const address of services) {
      try {
        return { connection: await connectionTo({ address }), address };
      } catch (error) {
        reasons.push(innermostReason(error));
      }
    }
    throw unavailable(reasons.join('; '));
  }

  return {
    async partitionsOf(topic) {
      const { connection } = await anyService();
      const answer = await connection.request((requestId) => ({
        kind: 'partitions',
        fields: { topic, requestId },
      }));
      if (answer.kind !== 'partitionsAnswer') throw unavailable('the broker answers otherwise');
      const { count = 0, outcome, error, message } = answer.fields;
      if (outcome !== SUCCEEDED) throw unavailable(errorText(error, message));
      const names = Array.from({ length: count }, (_, index) => `${topic}-partition-${index}`);
      const [first, ...others] = names;
      return first === undefined ? [topic] : [first, ...others];
    },
    async brokerOf(topic) {
      let { connection, address } = await anyService();
      let isAuthoritative = false;
      for (let count = 0; count <= REDIRECTS_MAX; count += 1) {
        const answer = await connection.request((requestId) => ({
          kind: 'lookup',
          fields: { topic, requestId, isAuthoritative },
        }));
        if (answer.kind !== 'lookupAnswer') throw unavailable('the broker answers otherwise');
        const { outcome, error, message } = answer.fields;
        if (outcome !== REDIRECTED && outcome !== FOUND) {
          throw unavailable(errorText(error, message));
        }
        const place = placeOf(answer.fields, address);
        connection = await connectionTo(place);
        if (outcome === FOUND) return connection;
        address = place.address;
        isAuthoritative = answer.fields.isAuthoritative ?? false;
      }
      throw unavailable(`no broker says that it has ${topic}`);
    },
    close,
  };
}

/** Where a broker is that was named, as seen from the one who named it. */
export function placeOf(
  answer: {
    url?: string | undefined;
    tlsUrl?: string | undefined;
    isThroughProxy?: boolean | undefined;
  },
  asked: BrokerAddress,
): Place {
  const url = (asked.isSecure ? answer.tlsUrl : answer.url) ?? '';
  const parsed = parseServiceUrl(url);
  if (!parsed.ok) throw unavailable(`a broker has the address "${url}", which ${parsed.error}`);
  const [address] = parsed.value;
  if (answer.isThroughProxy !== true) return { address };
  const host = isIP(address.host) === 6 ? `[${address.host}]` : address.host;
  return { address: asked, brokerBehind: `${host}:${address.port}` };
}
