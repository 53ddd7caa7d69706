import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  deadLetterSubject,
  decodeDeadLetter,
  encodeRedrive,
  EVENT_TYPES,
  sensorMailSubject,
  STREAMS,
  type DeadLetter,
} from '@argosy/api';
import type { Bus, BusMessage } from '@argosy/bus';

/** The mail of the sensor `s`. */
export const MAIL = sensorMailSubject({ namespace: 'default', eventBus: 'default', sensor: 's' });

/** A target that answers with a status that can be changed, and notes the keys of the firings. */
export interface Target {
  status: number;
  readonly keys: unknown[];
  readonly url: string;
  close(): void;
}

export async function startTarget(): Promise<Target> {
  const keys: unknown[] = [];
  const server = createServer((request, response) => {
    keys.push(request.headers['idempotency-key']);
    response.writeHead(target.status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const target: Target = { status: 500, keys, url, close: () => void server.close() };
  return target;
}

/** A trigger `call` that tries twice and takes nothing but 200 for a success. */
export function callTrigger(url: string, changes: object = {}): object {
  return {
    template: { name: 'call', http: { url, method: 'POST' } },
    policy: { status: { allow: [200] } },
    retryStrategy: { steps: 2, duration: '1ms' },
    ...changes,
  };
}

export async function lettersOn(bus: Bus): Promise<readonly DeadLetter[]> {
  const letters: DeadLetter[] = [];
  const subject = deadLetterSubject({ namespace: 'default' });
  for await (const { event } of bus.read(STREAMS.deadLetters, subject)) {
    letters.push(decodeDeadLetter(event.data));
  }
  return letters;
}

/** What asks the sensor to run a letter's trigger once more. */
export function redriveMail({ firing, trigger }: DeadLetter): BusMessage {
  const data = encodeRedrive({ trigger, firingId: firing.id });
  const id = `redrive-${performance.now()}-${firing.id}`;
  return { subject: MAIL, event: { id, source: 'test', type: EVENT_TYPES.redrive, data } };
}
