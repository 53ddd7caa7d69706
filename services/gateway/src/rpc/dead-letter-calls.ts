import { RedriveDeadLetterResponse_Outcome as Outcome, type DeadLetter } from '@argosy/api';
import type { EventService } from '@argosy/api';
import type { ServiceImplementation } from '@argosy/rpc';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  deleteDeadLetter,
  getDeadLetter,
  listDeadLetters,
  redriveDeadLetter,
  type RedriveOutcome,
} from '../events/dead-letters.ts';
import type { GatewayParts } from '../parts.ts';
import { jsonBytes } from '../text.ts';

type Calls = Pick<
  ServiceImplementation<typeof EventService>,
  'listDeadLetters' | 'getDeadLetter' | 'redriveDeadLetter' | 'deleteDeadLetter'
>;

const OUTCOMES: Readonly<Record<RedriveOutcome['kind'], Outcome>> = {
  Worked: Outcome.WORKED,
  Failed: Outcome.FAILED,
  Pending: Outcome.PENDING,
};

/** The calls about dead letters. */
export function deadLetterCalls(parts: GatewayParts): Calls {
  const named = <T extends { readonly namespace: string }>(request: T): T => ({
    ...request,
    namespace: request.namespace || parts.namespaceDefault,
  });
  return {
    async listDeadLetters(request) {
      const { letters, more } = await listDeadLetters(parts.bus, named(request));
      return { deadLetters: letters.map(summaryOf), more };
    },
    async getDeadLetter(request) {
      const letter = await getDeadLetter(parts.bus, named(request));
      return { summary: summaryOf(letter), letterJson: jsonBytes(letter) };
    },
    async redriveDeadLetter(request, { user, traceparent }) {
      const sender = { user, traceparent };
      const { id, outcome } = await redriveDeadLetter(parts, named(request), sender);
      const message = outcome.kind === 'Failed' ? outcome.reason : '';
      return { id, outcome: OUTCOMES[outcome.kind], message };
    },
    async deleteDeadLetter(request) {
      return { id: await deleteDeadLetter(parts.bus, named(request)) };
    },
  };
}

function summaryOf(letter: DeadLetter) {
  const { firing, namespace, sensor, trigger, error, attempts, failedAtMs } = letter;
  const events = Object.entries(firing.events).map(
    ([dependency, { source, subject = '', id }]) =>
      [dependency, `${source}/${subject}/${id}`] as const,
  );
  return {
    id: firing.id,
    namespace,
    sensor,
    trigger,
    error,
    attempts,
    failedAt: timestampFromMs(failedAtMs),
    events: Object.fromEntries(events),
  };
}
