import { EVENT_TYPES, logSubject } from '@argosy/api';
import type { Bus } from '@argosy/bus';
import type { LogStream } from '@argosy/runner';

/** Where the output of one attempt at a task goes. */
export interface LogAddress {
  readonly namespace: string;
  readonly uid: string;
  readonly workflow: string;
  readonly nodeId: string;
  /** Prefix of the ids of chunks; differs between deliveries, so that a second run is logged too. */
  readonly idPrefix: string;
  readonly traceparent?: string;
}

/** Which output a chunk is from. */
export interface ChunkSource {
  readonly stream: LogStream;
  readonly container: string;
}

/** Sends chunks of output one after the other, so that they lie on the bus in their order. */
export interface ChunkSender {
  send(source: ChunkSource, data: Uint8Array): void;
  /** Resolves when all that was given so far is stored or lost; never rejects. */
  idle(): Promise<void>;
  readonly sentBytes: number;
  readonly lostBytes: number;
}

export function createChunkSender(bus: Bus, address: LogAddress): ChunkSender {
  const subject = logSubject(address.namespace, address.uid, address.nodeId);
  const trace = address.traceparent === undefined ? {} : { traceparent: address.traceparent };
  let sending: Promise<void> = Promise.resolve();
  let count = 0;
  let sentBytes = 0;
  let lostBytes = 0;
  const publish = async (source: ChunkSource, id: string, data: Uint8Array): Promise<void> => {
    const event = {
      id,
      source: `/${address.namespace}/workflow/${address.workflow}`,
      type: EVENT_TYPES.logChunk,
      time: new Date().toISOString(),
      datacontenttype: 'text/plain',
      extensions: { stream: source.stream, container: source.container },
      data,
    };
    try {
      await bus.publish({ subject, event, ...trace }, { messageId: id });
      sentBytes += data.length;
    } catch {
      // A bus that does not take logs must not fail the task; the loss is counted.
      lostBytes += data.length;
    }
  };
  return {
    send: (source, data) => {
      const id = `${address.idPrefix}-log-${count}`;
      count += 1;
      sending = sending.then(() => publish(source, id, data));
    },
    idle: () => sending,
    get sentBytes() {
      return sentBytes;
    },
    get lostBytes() {
      return lostBytes;
    },
  };
}
