import { ArgosyError, parseGoDuration } from '@argosy/base';
import { parseMoment, type FixedMoment } from '../runs/moment.ts';

const FORMS =
  'write a time (2030-01-31T12:00:00Z, or 12:00:00 for today), how long ago (5m), or a sequence (17 or #17).';

/**
 * Reads a place in the stream of events: a sequence (`17`, `#17`), a time (RFC 3339, or `12:00:00` of today in UTC),
 * or how long ago (`5m`, `-5m`).
 * @throws ArgosyError INVALID_ARGUMENT that names the field and the forms.
 */
export function parseEventMoment(text: string, field: string, nowMs: number): FixedMoment {
  const ago = /^\d+[a-zµ]/.test(text) ? parseGoDuration(text) : undefined;
  if (ago?.ok === true) return { kind: 'Time', atMs: nowMs - ago.value };
  const moment = readMoment(text, nowMs);
  if (moment !== undefined && moment.kind !== 'Offset') return moment;
  throw new ArgosyError(
    'INVALID_ARGUMENT',
    `${field}: "${text}" is no place in the stream; ${FORMS}`,
  );
}

function readMoment(text: string, nowMs: number): ReturnType<typeof parseMoment> | undefined {
  try {
    return parseMoment(text, nowMs);
  } catch {
    // Its own sentence speaks of runs.
    return undefined;
  }
}
