import { ok, type Result } from '@argosy/base';
import type { SensorEvent } from '../event/sensor-event.ts';
import type { Dependency } from '../manifest/sensor.ts';
import { transformEvent } from '../transform/transform.ts';
import { filtersPass } from './evaluate.ts';

/** The verdict on an event, and the event as the transform left it. */
export interface DependencyVerdict {
  readonly pass: boolean;
  readonly event: SensorEvent;
}

/**
 * Judges an event for one dependency: transform first, then filters. Does not look at source and
 * subject, which route the event to the dependency.
 * @returns the sentence to log when a transform or filter fails; such an event counts as rejected.
 */
export function evaluateDependency(
  dependency: Dependency,
  event: SensorEvent,
): Result<DependencyVerdict, string> {
  const transformed = transformEvent(dependency.transform, event);
  if (!transformed.ok) return transformed;
  const verdict = filtersPass(dependency, transformed.value);
  return verdict.ok ? ok({ pass: verdict.value, event: transformed.value }) : verdict;
}
