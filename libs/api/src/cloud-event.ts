/**
 * A CloudEvent 1.0 as it travels on the bus in binary mode: attributes are headers (`ce-*`), data is the
 * message body. Attribute rules: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 */
export interface CloudEvent {
  /** Unique within `source`; source + id is what de-duplication uses. */
  readonly id: string;
  /** `/<namespace>/<kind>/<name>`, or the producer's own. */
  readonly source: string;
  /** `argosy.<area>.<noun>.<version>`, or the producer's own. */
  readonly type: string;
  readonly subject?: string;
  /** RFC 3339. */
  readonly time?: string;
  readonly datacontenttype?: string;
  readonly dataschema?: string;
  /** Extension attributes; names are lower-case letters and digits. */
  readonly extensions?: Readonly<Record<string, string>>;
  readonly data: Uint8Array;
}

const ATTRIBUTE_NAME = /^[a-z0-9]{1,20}$/;

/** What is wrong with an event by the specification, or undefined when it is well-formed. */
export function cloudEventProblem(event: CloudEvent): string | undefined {
  if (event.id === '') return 'the attribute id must not be empty';
  if (event.source === '') return 'the attribute source must not be empty';
  if (event.type === '') return 'the attribute type must not be empty';
  if (event.time !== undefined && Number.isNaN(Date.parse(event.time))) {
    return `the attribute time must be an RFC 3339 time, not "${event.time}"`;
  }
  for (const name of Object.keys(event.extensions ?? {})) {
    if (!ATTRIBUTE_NAME.test(name)) {
      return `the extension attribute "${name}" must be 1 to 20 lower-case letters or digits`;
    }
  }
  return undefined;
}
