import { randomBytes } from 'node:crypto';
import rhea, { type Container, type EventContext, type Receiver, type Sender } from 'rhea';
import { cbsAnswer, managementAnswer } from './answers.ts';
import { offsetOf, type Entities, type StoredMessage } from './entities.ts';
import { incoming, outgoing } from './wire.ts';

/** The library has it, and its types leave it out. */
const { accepted } = rhea.message as unknown as {
  readonly accepted: (fields: object) => { described(): unknown };
};

/** A reader of a partition and how far it has got. */
interface HubReader {
  readonly list: readonly StoredMessage[];
  next: number;
}

export interface AzureLinks {
  readonly container: Container;
  /** Gives the receivers what is there for them. */
  deliverAll(): void;
  /** All connections are gone. */
  forgetAll(): void;
}

/** The links of all connections: what clients receive, what they send, what they ask. */
export function createAzureLinks(entities: Entities, key: string): AzureLinks {
  const senders = new Map<Sender, HubReader | 'Queue'>();
  const container = rhea.create_container({ id: 'azure-stand-in' });
  const { sasl_server_mechanisms: mechanisms } = container as unknown as {
    readonly sasl_server_mechanisms: { enable_anonymous(): void };
  };
  mechanisms.enable_anonymous();

  function deliver(sender: Sender): void {
    const reader = senders.get(sender);
    if (reader === 'Queue') lend(sender, entities);
    else if (reader !== undefined) readOn(sender, reader);
  }
  const deliverAll = (): void => {
    for (const sender of senders.keys()) deliver(sender);
  };
  const forget = (isGone: (sender: Sender) => boolean): void => {
    for (const sender of senders.keys()) if (isGone(sender)) senders.delete(sender);
    entities.free((lockedBy) => lockedBy !== undefined && !senders.has(lockedBy as Sender));
    deliverAll();
  };

  container.on('disconnected', ({ connection }: EventContext) =>
    forget((sender) => sender.connection === connection),
  );
  container.on('sender_close', (context: EventContext) =>
    forget((sender) => sender === context.sender),
  );
  container.on('sendable', ({ sender }: EventContext) => {
    if (sender !== undefined) deliver(sender);
  });
  container.on('sender_draining', ({ sender }: EventContext) => sender?.set_drained(true));
  takeSettlements(container, entities, deliverAll);
  takeSenders(container, entities, senders);
  takeMessages(container, { entities, key, deliverAll });
  return { container, deliverAll, forgetAll: () => forget(() => true) };
}

/** Locks messages for a receiver of a queue, as many as it wants, the oldest first. */
function lend(sender: Sender, entities: Entities): void {
  for (const stored of entities.queues.get(sourceOf(sender))?.messages ?? []) {
    if (!sender.sendable()) return;
    if (stored.lockedBy !== undefined) continue;
    stored.lockedBy = sender;
    // The tag is the lock's token: the bytes of a UUID.
    Object.assign(sender.send(outgoing(stored), randomBytes(16)), { stored });
  }
}

function readOn(sender: Sender, reader: HubReader): void {
  for (; sender.sendable(); reader.next += 1) {
    const stored = reader.list[reader.next];
    if (stored === undefined) return;
    sender.send(outgoing(stored));
  }
}

/** What clients did with messages that they had locked. */
function takeSettlements(container: Container, entities: Entities, changed: () => void): void {
  const settle = (what: 'Complete' | 'Free' | 'Kill') => (context: EventContext) => {
    const { stored } = (context.delivery ?? {}) as { readonly stored?: StoredMessage };
    const queue = context.sender && entities.queues.get(sourceOf(context.sender));
    if (stored === undefined || queue === undefined) return;
    // The client waits until its word is taken.
    context.delivery?.update(true, accepted({}).described());
    stored.lockedBy = undefined;
    if (what !== 'Free') queue.messages.splice(queue.messages.indexOf(stored), 1);
    if (what === 'Kill') queue.dead.push(stored.message);
    changed();
  };
  container.on('accepted', settle('Complete'));
  container.on('released', settle('Free'));
  container.on('modified', settle('Free'));
  container.on('rejected', settle('Kill'));
}

function takeSenders(
  container: Container,
  entities: Entities,
  senders: Map<Sender, HubReader | 'Queue'>,
): void {
  container.on('sender_open', ({ sender }: EventContext) => {
    if (sender === undefined) return;
    const address = sourceOf(sender);
    sender.set_source({ address });
    const reader = entities.queues.has(address) ? 'Queue' : hubReader(address, sender, entities);
    if (reader !== undefined) senders.set(sender, reader);
    else if (address !== '$cbs' && !address.endsWith('$management')) {
      const description = `The messaging entity '${address}' could not be found.`;
      sender.close({ condition: 'amqp:not-found', description });
    }
  });
  container.on('receiver_open', ({ receiver }: EventContext) => {
    receiver?.set_target({ address: targetOf(receiver) });
  });
}

/** What clients send to entities, and what they ask `$cbs` and `$management`. */
function takeMessages(
  container: Container,
  scope: {
    readonly entities: Entities;
    readonly key: string;
    readonly deliverAll: () => void;
  },
): void {
  const { entities, key, deliverAll } = scope;
  const known = {
    hubs: entities.hubs,
    isQueue: (name: string) => entities.queues.has(name),
  };
  container.on('message', ({ message, receiver, delivery, connection }: EventContext) => {
    if (message === undefined || receiver === undefined) return;
    const address = targetOf(receiver);
    if (address !== '$cbs' && !address.endsWith('$management')) {
      for (const part of incoming(message, delivery?.format)) entities.take(address, part);
      deliverAll();
      return;
    }
    const given =
      address === '$cbs' ? cbsAnswer(message, key) : managementAnswer(message, address, known);
    // A client names the link on which it waits, or that link's target.
    const reply = connection.find_sender(
      (link: Sender) => link.name === message.reply_to || targetOf(link) === message.reply_to,
    );
    reply?.send({ ...given, correlation_id: message.message_id ?? '' });
  });
}

function sourceOf(sender: Sender): string {
  return String((sender.source as { readonly address?: unknown } | undefined)?.address ?? '');
}

function targetOf(link: Receiver | Sender): string {
  return String((link.target as { readonly address?: unknown } | undefined)?.address ?? '');
}

/** A reader of a partition of a hub, from where its filter says. */
function hubReader(address: string, sender: Sender, entities: Entities): HubReader | undefined {
  const match = /^([^/]+)\/ConsumerGroups\/[^/]+\/Partitions\/(\d+)$/.exec(address);
  const list = entities.hubs.get(match?.[1] ?? '')?.[Number(match?.[2])];
  if (list === undefined) return undefined;
  const text = JSON.stringify(sender.source.filter);
  const [, operator, from] = /x-opt-offset (>=?) '(-?\d+)'/.exec(text) ?? [];
  const isWanted = (stored: StoredMessage): boolean =>
    operator === '>=' ? offsetOf(stored) >= Number(from) : offsetOf(stored) > Number(from);
  const index = list.findIndex(isWanted);
  return { list, next: index === -1 ? list.length : index };
}
