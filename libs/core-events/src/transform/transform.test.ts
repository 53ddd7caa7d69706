// Covers transforms of the payload and that they run before filters. Leaves out Lua itself.
import { describe, expect, it } from 'vitest';
import { unwrap } from '@argosy/base';
import { evaluateDependency } from '../filter/dependency.ts';
import type { SensorEvent } from '../event/sensor-event.ts';
import { transformEvent } from './transform.ts';

const event: SensorEvent = {
  id: '1',
  source: 's',
  type: 't',
  datacontenttype: 'text/plain',
  dataText: '{"a":1,"list":[1,2]}',
};

describe('transforms', () => {
  it('leave an event without data as it is', () => {
    const empty: SensorEvent = { id: '1', source: 's', type: 't' };
    expect(unwrap(transformEvent({ script: 'return {}' }, empty))).toBe(empty);
  });
  it('write JSON with sorted keys and set the content type (rule 21)', () => {
    const changed = unwrap(
      transformEvent({ script: 'event.A = event.a + 0.5 return event' }, event),
    );
    expect(changed.dataText).toBe('{"A":1.5,"a":1,"list":[1,2]}');
    expect(changed.datacontenttype).toBe('application/json');
  });
  it('refuse a script that returns no table, and a payload that is no object (rule 19)', () => {
    expect(transformEvent({ script: 'return 1' }, event).ok).toBe(false);
    expect(transformEvent({ script: 'return event' }, { ...event, dataText: '[1]' }).ok).toBe(
      false,
    );
  });
  it('run before the filters, which see what they made; their error drops the event (rule 20)', () => {
    const dependency = {
      name: 'd',
      eventSourceName: 's',
      eventName: 'e',
      filters: { data: [{ path: 'a', type: 'number' as const, value: ['7'] }] },
    };
    const script = 'event.a = 7 return event';
    const verdict = unwrap(evaluateDependency({ ...dependency, transform: { script } }, event));
    expect(verdict.pass).toBe(true);
    expect(verdict.event.dataText).toContain('"a":7');
    expect(evaluateDependency({ ...dependency, transform: { script: 'x(' } }, event).ok).toBe(
      false,
    );
  });
});
