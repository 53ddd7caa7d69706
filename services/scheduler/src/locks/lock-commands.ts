import { randomUUID } from 'node:crypto';
import {
  encodeLockCommand,
  EVENT_TYPES,
  lockCommandSubject,
  PROTOBUF_CONTENT_TYPE,
  type LockCommand,
} from '@argosy/api';
import type { Bus } from '@argosy/bus';

/**
 * Asks whoever keeps the locks, in the given order for each holder. Every call is a message of its own, because a
 * holder that asks again is to be told again.
 */
export async function sendLockCommands(bus: Bus, commands: readonly LockCommand[]): Promise<void> {
  const byHolder = new Map<string, LockCommand[]>();
  for (const command of commands) {
    const holder = holderOf(command);
    const known = byHolder.get(holder);
    if (known === undefined) byHolder.set(holder, [command]);
    else known.push(command);
  }
  await Promise.all(
    Array.from(byHolder, async ([holder, list]) => {
      for (const command of list) await send(bus, holder, command);
    }),
  );
}

function holderOf(command: LockCommand): string {
  switch (command.kind) {
    case 'Acquire':
      return command.request.holder;
    case 'Release':
      return command.holder;
    case 'ReleaseRun':
      return command.uid;
  }
}

async function send(bus: Bus, holder: string, command: LockCommand): Promise<void> {
  await bus.publish({
    subject: lockCommandSubject(holder),
    event: {
      id: randomUUID(),
      source: '/scheduler',
      type: EVENT_TYPES.lockCommand,
      datacontenttype: PROTOBUF_CONTENT_TYPE,
      data: encodeLockCommand(command),
    },
  });
}
