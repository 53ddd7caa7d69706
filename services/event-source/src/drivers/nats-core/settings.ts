import { textField, type Fields } from '../http/settings.ts';
import {
  isSubjectFilter,
  parseNatsBody,
  parseNatsServer,
  type NatsBody,
  type NatsServer,
} from '../nats-connection.ts';

/** One event of `nats`, checked. */
export interface NatsSettings extends NatsBody {
  readonly server: NatsServer;
  readonly subject: string;
  /** Queue group; undefined: none. */
  readonly queue: string | undefined;
}

/** Reads `spec.nats.<event>`; what is wrong goes to `problems`, as sentences. */
export function parseNatsSettings(fields: Fields, problems: string[]): NatsSettings {
  if (fields['queue'] === '') problems.push('queue is empty; name a queue group or leave it out');
  const queue = textField(fields, 'queue', problems);
  return {
    server: parseNatsServer(fields, problems),
    subject: subjectField(fields, problems),
    queue: queue === '' ? undefined : queue,
    ...parseNatsBody(fields, problems),
  };
}

function subjectField(fields: Fields, problems: string[]): string {
  const subject = textField(fields, 'subject', problems);
  if (subject === '') problems.push('subject is missing; set the subject to subscribe to');
  else if (!isSubjectFilter(subject)) problems.push(`subject: "${subject}" is no subject`);
  return subject;
}
