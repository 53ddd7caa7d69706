import { createHmac } from 'node:crypto';
import type { Message } from 'rhea';
import { offsetOf, type Hub } from './entities.ts';

export const KEY_NAME = 'RootManageSharedAccessKey';
/** Locks never end here; clients are told this long. */
export const LOCK_MS = 60_000;

type Answer = Pick<Message, 'application_properties'> & { readonly body: unknown };

function answer(code: number, description: string, body?: unknown): Answer {
  const status = { 'status-code': code, 'status-description': description };
  return { body, application_properties: status };
}

/** Checks a shared access signature: its HMAC is over the resource and the end of its validity. */
export function cbsAnswer(message: Message, key: string): Answer {
  const token = new URLSearchParams(String(message.body).replace('SharedAccessSignature ', ''));
  const resource = encodeURIComponent(token.get('sr') ?? '');
  const signature = createHmac('sha256', key)
    .update(`${resource}\n${token.get('se') ?? ''}`)
    .digest('base64');
  const isRight = signature === token.get('sig') && token.get('skn') === KEY_NAME;
  return isRight ? answer(200, 'OK') : answer(401, 'InvalidSignature: the token is wrong');
}

/** Answers to what clients ask about entities. */
export function managementAnswer(
  message: Message,
  address: string,
  known: { readonly hubs: ReadonlyMap<string, Hub>; readonly isQueue: (name: string) => boolean },
): Answer {
  const asked = message.application_properties ?? {};
  const entity = address.replace('/$management', '');
  switch (asked['operation']) {
    case 'com.microsoft:peek-message':
      return known.isQueue(entity) ? answer(200, 'OK', { messages: [] }) : notFound(entity);
    case 'com.microsoft:renew-lock':
      return answer(200, 'OK', { expirations: [new Date(Date.now() + LOCK_MS)] });
    default: {
      const name = String(asked['name']);
      const hub = known.hubs.get(name);
      if (hub === undefined) return notFound(name);
      const isPartition = asked['type'] === 'com.microsoft:partition';
      const body = isPartition
        ? partitionInfo(name, hub, String(asked['partition']))
        : { name, created_at: new Date(0), partition_ids: Array.from(hub.keys(), String) };
      return answer(200, 'OK', body);
    }
  }
}

function notFound(entity: string): Answer {
  return answer(404, `The messaging entity '${entity}' could not be found.`);
}

function partitionInfo(name: string, hub: Hub, partition: string): object {
  const last = hub[Number(partition)]?.at(-1);
  return {
    name,
    partition,
    begin_sequence_number: 0,
    last_enqueued_sequence_number: last?.sequence ?? -1,
    last_enqueued_offset: last === undefined ? '-1' : String(offsetOf(last)),
    last_enqueued_time_utc: new Date(last?.atMs ?? 0),
    is_partition_empty: last === undefined,
  };
}
