/** An event that was posted for WorkflowEventBindings, as their expressions see it. */
export interface BindingEvent {
  readonly namespace: string;
  /** The last part of the address that it was posted to; may be empty. */
  readonly discriminator: string;
  /** The `x-` headers of the request, in lower case; a header may come several times. */
  readonly metadata: Readonly<Record<string, readonly string[]>>;
  /** Any JSON value. */
  readonly payload: unknown;
}

/** The data of an `argosy.workflow.bindingevent.v1` event. */
export function encodeBindingEvent(event: BindingEvent): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(event));
}

/** @throws Error when the bytes are no such event. */
export function decodeBindingEvent(data: Uint8Array): BindingEvent {
  const event = JSON.parse(new TextDecoder().decode(data)) as Partial<BindingEvent> | null;
  if (typeof event?.namespace !== 'string') throw new Error('the data is no event for bindings');
  const { namespace, discriminator = '', metadata = {}, payload = null } = event;
  return { namespace, discriminator, metadata, payload };
}
