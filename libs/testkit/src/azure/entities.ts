/** A message on its way in or out. */
export interface AzureMessage {
  readonly body: string;
  readonly messageId?: string;
  readonly subject?: string;
  readonly contentType?: string;
  readonly partitionKey?: string;
  readonly applicationProperties?: Readonly<Record<string, unknown>>;
}

export interface StoredMessage {
  readonly message: AzureMessage;
  readonly sequence: number;
  readonly atMs: number;
  /** The link that holds it; undefined: it is free. */
  lockedBy: unknown;
}

export interface Queue {
  readonly messages: StoredMessage[];
  readonly dead: AzureMessage[];
}

/** The messages of each partition. */
export type Hub = readonly StoredMessage[][];

/** What a namespace holds. */
export interface Entities {
  readonly queues: Map<string, Queue>;
  readonly hubs: Map<string, Hub>;
  /** What clients sent, by queue, topic or hub. */
  readonly sent: Map<string, AzureMessage[]>;
  stored(message: AzureMessage): StoredMessage;
  /** Takes in what a client sent: a queue keeps it, a topic hands it to its subscriptions. */
  take(address: string, message: AzureMessage): void;
  /** Ends locks: all of them, or those that `isMine`. */
  free(isMine: (lockedBy: unknown) => boolean): void;
}

export function createEntities(): Entities {
  const queues = new Map<string, Queue>();
  const sent = new Map<string, AzureMessage[]>();
  let sequence = 0;
  const stored = (message: AzureMessage): StoredMessage => {
    sequence += 1;
    return { message, sequence, atMs: Date.now(), lockedBy: undefined };
  };
  return {
    queues,
    hubs: new Map(),
    sent,
    stored,
    take(address, message) {
      sent.set(address, [...(sent.get(address) ?? []), message]);
      for (const [name, queue] of queues) {
        const isTaker = name === address || name.startsWith(`${address}/Subscriptions/`);
        if (isTaker) queue.messages.push(stored(message));
      }
    },
    free(isMine) {
      for (const { messages } of queues.values()) {
        for (const message of messages) {
          if (isMine(message.lockedBy)) message.lockedBy = undefined;
        }
      }
    },
  };
}

/** An offset that is not the sequence number, so that nothing mixes them up. */
const OFFSET_STEP = 100;

export function offsetOf(stored: StoredMessage): number {
  return stored.sequence * OFFSET_STEP;
}
