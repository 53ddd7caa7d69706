/** What an EventSource manifest asks for, event by event. */
export interface WantedEvent {
  readonly kind: string;
  readonly eventName: string;
  readonly settings: unknown;
  /** `filter.expression`; the event is dropped unless it is true. */
  readonly filter: string | undefined;
}

export interface EventSourceSpec {
  readonly eventBus: string;
  readonly events: readonly WantedEvent[];
}

/** Fields of the spec that are no event source kinds. */
const COMMON_FIELDS = new Set(['eventBusName', 'replicas', 'service', 'template']);
const DEFAULT_EVENT_BUS = 'default';

/** Reads the events out of a manifest; problems are sentences that name the field. */
export function readEventSourceSpec(manifest: unknown): {
  readonly spec: EventSourceSpec;
  readonly problems: readonly string[];
} {
  const spec = isRecord(manifest) ? manifest['spec'] : undefined;
  if (!isRecord(spec)) {
    return { spec: { eventBus: DEFAULT_EVENT_BUS, events: [] }, problems: ['spec is missing'] };
  }
  const problems: string[] = [];
  const events: WantedEvent[] = [];
  for (const [kind, byName] of Object.entries(spec)) {
    if (COMMON_FIELDS.has(kind)) continue;
    if (!isRecord(byName)) {
      problems.push(`spec.${kind} must be a map from event names to settings`);
      continue;
    }
    for (const [eventName, settings] of Object.entries(byName)) {
      const twin = events.find((event) => event.eventName === eventName);
      if (twin === undefined) {
        events.push({ kind, eventName, settings, filter: filterOf(settings) });
      } else {
        problems.push(`spec.${kind}.${eventName}: spec.${twin.kind} has an event of this name too`);
      }
    }
  }
  if (events.length === 0)
    problems.push('spec has no events; add one, such as spec.webhook.orders');
  const busName = spec['eventBusName'];
  const eventBus = typeof busName === 'string' && busName !== '' ? busName : DEFAULT_EVENT_BUS;
  return { spec: { eventBus, events }, problems };
}

function filterOf(settings: unknown): string | undefined {
  const filter = isRecord(settings) ? settings['filter'] : undefined;
  const expression = isRecord(filter) ? filter['expression'] : undefined;
  return typeof expression === 'string' && expression !== '' ? expression : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
