import { textField, type Fields } from '../http/settings.ts';
import {
  isSubjectFilter,
  parseNatsBody,
  parseNatsServer,
  type NatsBody,
  type NatsServer,
} from '../nats-connection.ts';

/** One event of `jetstream`, checked. */
export interface JetStreamSettings extends NatsBody {
  readonly server: NatsServer;
  readonly stream: string;
  /** Undefined: all subjects of the stream. */
  readonly subject: string | undefined;
  /** Name of the durable consumer; undefined: one of this event's own. */
  readonly durable: string | undefined;
  readonly deliver: 'all' | 'new';
}

/** What NATS allows in names of streams and consumers. */
const NAME = /^[^\s.*>/\\]+$/;

/** Reads `spec.jetstream.<event>`; what is wrong goes to `problems`, as sentences. */
export function parseJetStreamSettings(fields: Fields, problems: string[]): JetStreamSettings {
  const stream = nameField(fields, 'stream', problems);
  if (stream === '') problems.push('stream is missing; set the name of the stream');
  const durable = nameField(fields, 'durable', problems);
  const subject = textField(fields, 'subject', problems);
  if (subject !== '' && !isSubjectFilter(subject)) {
    problems.push(`subject: "${subject}" is no subject`);
  }
  const deliver = textField(fields, 'deliver', problems, 'new');
  if (deliver !== 'new' && deliver !== 'all') {
    problems.push(
      'deliver must be new (from the first start on) or all (what the stream holds too)',
    );
  }
  return {
    server: parseNatsServer(fields, problems),
    stream,
    durable: durable === '' ? undefined : durable,
    subject: subject === '' ? undefined : subject,
    deliver: deliver === 'all' ? 'all' : 'new',
    ...parseNatsBody(fields, problems),
  };
}

function nameField(fields: Fields, name: string, problems: string[]): string {
  const text = textField(fields, name, problems);
  if (text !== '' && !NAME.test(text)) {
    problems.push(`${name} must be a name without white space, dots, slashes, * and >`);
  }
  return text;
}
