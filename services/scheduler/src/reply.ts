import { encodeCommandReply, EVENT_TYPES, PROTOBUF_CONTENT_TYPE } from '@argosy/api';
import type { Refusal } from '@argosy/base';
import type { Bus, BusMessage } from '@argosy/bus';

/** Tells the sender of a command what became of it, if it waits for that. */
export function answer(bus: Bus, command: BusMessage, refusal: Refusal | undefined): void {
  if (command.replyTo === undefined) return;
  bus.send({
    subject: command.replyTo,
    event: {
      id: `${command.event.id}-reply`,
      source: '/scheduler',
      type: EVENT_TYPES.commandReply,
      datacontenttype: PROTOBUF_CONTENT_TYPE,
      data: encodeCommandReply({
        accepted: refusal === undefined,
        code: refusal?.code ?? '',
        message: refusal?.message ?? '',
      }),
    },
  });
}
