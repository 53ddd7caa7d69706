import { ArgosyError } from '@argosy/base';
import { resourceEventData, resourceFilterPasses, type ResourceFilter } from '@argosy/core-events';
import { matchesLabels } from '@argosy/lang';
import { pause } from '@argosy/shell';
import type { DriverContext } from '../driver.ts';
import { storePatiently } from '../patient-store.ts';
import { stableId } from '../stable-id.ts';
import type { Trouble } from '../trouble.ts';
import type { KnownObjects, ObjectChange } from './known-objects.ts';
import type { ObjectListener, ObservedObject } from './origin.ts';
import type { ResourceSettings } from './settings.ts';

export interface TellerOptions {
  readonly settings: ResourceSettings;
  readonly filter: ResourceFilter;
  readonly known: KnownObjects;
  /** What counts as before the start under `afterStart`, Unix milliseconds. */
  readonly startedMs: number;
  readonly clock: () => number;
  readonly context: DriverContext;
  readonly trouble: Trouble;
  /** What is remembered has changed. */
  readonly onProgress: () => void;
  readonly signal: AbortSignal;
}

/** Objects of one event source at most, since the last text of each is held. */
const OBJECTS_MAX = 100_000;
/** Largest data of an event: what is larger is told without the old body, then with the head alone. */
const DATA_BYTES_MAX = 7 * 1_048_576;
/** Wait before the whole of an object is asked for again: doubles from the first to the second. */
const WHOLE_RETRY_MS_MIN = 500;
const WHOLE_RETRY_MS_MAX = 10_000;

/** Makes events out of what an origin shows, one after the other. */
export function createTeller(options: TellerOptions): ObjectListener {
  const { known, filter, trouble, onProgress } = options;

  async function tellAll(changes: readonly ObjectChange[]): Promise<void> {
    for (const change of changes) await tell(options, change);
  }

  async function gone(key: string, text?: string): Promise<void> {
    await tellAll(known.gone(key, text));
    onProgress();
  }

  return {
    async object(object) {
      if (!object.name.startsWith(filter.prefix)) return;
      // For whoever looks at some labels only, an object that loses them is gone.
      if (!matchesLabels(filter.labels.selector, object.labels)) return gone(object.key);
      if (known.size >= OBJECTS_MAX && !known.keys().includes(object.key)) throw tooMany();
      await tellAll(known.observe(heldBack(object, options.settings)));
      known.told(object);
      onProgress();
    },
    gone,
    at(version) {
      known.at(version);
      onProgress();
    },
    countsAnew: () => known.countsAnew(),
    keys: () => known.keys(),
    trouble: (reason) => trouble.tell('objects', reason),
  };
}

function tooMany(): ArgosyError {
  const narrower = 'narrow it with namespace, filter.prefix or filter.labels';
  const message = `more than ${OBJECTS_MAX} objects are more than one event source follows; ${narrower}`;
  return new ArgosyError('RESOURCE_EXHAUSTED', message);
}

/** The object; the text of what nobody will want later is not kept. */
function heldBack(object: ObservedObject, { eventTypes }: ResourceSettings): ObservedObject {
  if (eventTypes.includes('UPDATE') || eventTypes.includes('DELETE')) return object;
  const { text, wholeText } = object;
  return { ...object, text: '', wholeText: wholeText ?? (() => Promise.resolve(text)) };
}

/** @throws ArgosyError CANCELLED when the driver stops before the change is stored. */
async function tell(options: TellerOptions, change: ObjectChange): Promise<void> {
  const { settings, filter, context, trouble, signal } = options;
  const { type, object, oldText } = change;
  if (!settings.eventTypes.includes(type)) return;
  const objectText = await wholeTextOf(options, object);
  const seen = { type, objectText, seenMs: options.clock() };
  if (!resourceFilterPasses(filter, seen, options.startedMs)) return;
  // The sight of an object is told once, whether it is taken for new or for changed.
  const what = type === 'DELETE' ? 'gone' : 'seen';
  const id = stableId(context, what, object.uid, object.version);
  const head = headOf(objectText);
  const sizes = [{ objectText, oldText }, { objectText }, { objectText: head }];
  for (const texts of sizes) {
    const data = dataOf(settings, { type, ...texts });
    if (data.length > DATA_BYTES_MAX) continue;
    const outcome = await storePatiently({ data, id }, { context, trouble, signal });
    if (outcome.kind === 'Stored') return;
    if (outcome.kind === 'Stopped') throw stopped();
  }
}

function dataOf(
  settings: ResourceSettings,
  change: {
    readonly type: ObjectChange['type'];
    readonly objectText: string;
    readonly oldText?: string | undefined;
  },
): Uint8Array {
  const { group, version, resource, metadata } = settings;
  const { type, objectText, oldText } = change;
  const kind = { group, version, resource, metadata };
  return new TextEncoder().encode(
    resourceEventData({ change: { type, objectText }, oldText, ...kind }),
  );
}

function stopped(): ArgosyError {
  return new ArgosyError('CANCELLED', 'the event source stops');
}

/** The object's text, with more than lists show where there is more; asked for as long as it takes. */
async function wholeTextOf(
  { trouble, signal }: TellerOptions,
  { text, wholeText }: ObjectChange['object'],
): Promise<string> {
  if (wholeText === undefined) return text;
  let waitMs = WHOLE_RETRY_MS_MIN;
  while (!signal.aborted) {
    try {
      const whole = await wholeText(signal);
      trouble.tell('whole objects', undefined);
      return whole;
    } catch (error) {
      if (signal.aborted) break;
      const { message } = ArgosyError.fromUnknown(error);
      trouble.tell('whole objects', `an object cannot be read: ${message}`);
    }
    await pause(waitMs, signal);
    waitMs = Math.min(waitMs * 2, WHOLE_RETRY_MS_MAX);
  }
  throw stopped();
}

/** What tells the object and its phase, of one that is too large to be told. */
function headOf(objectText: string): string {
  const object = JSON.parse(objectText) as {
    readonly metadata?: Readonly<Record<string, unknown>>;
    readonly status?: { readonly phase?: unknown };
    readonly [field: string]: unknown;
  };
  const { apiVersion, kind, metadata = {}, status } = object;
  const { name, namespace, uid, resourceVersion, creationTimestamp, labels } = metadata;
  const few = { name, namespace, uid, resourceVersion, creationTimestamp, labels };
  return JSON.stringify({ apiVersion, kind, metadata: few, status: { phase: status?.phase } });
}
