// Covers the `fields` query of Argo's API on plain values.
import { expect, it } from 'vitest';
import { asksFor, maskFields } from './field-mask.ts';

const list = {
  metadata: { continue: 'x' },
  items: [
    { metadata: { name: 'a', uid: '1' }, status: { phase: 'Failed', nodes: { n: {} } } },
    { metadata: { name: 'b', uid: '2' } },
  ],
};

it('keeps what is named, with all below it, in every item of a list', () => {
  expect(maskFields(list, 'items.metadata.name,items.status')).toEqual({
    items: [
      { metadata: { name: 'a' }, status: { phase: 'Failed', nodes: { n: {} } } },
      { metadata: { name: 'b' } },
    ],
  });
});

it('leaves out what is named after a dash', () => {
  expect(maskFields(list, '-metadata,items.status.nodes')).toEqual({
    items: [
      { metadata: { name: 'a', uid: '1' }, status: { phase: 'Failed' } },
      { metadata: { name: 'b', uid: '2' } },
    ],
  });
});

it('changes nothing without fields', () => {
  expect(maskFields(list, undefined)).toBe(list);
  expect(maskFields(list, '')).toBe(list);
});

it('knows whether a field is asked for', () => {
  expect(asksFor('items.spec.templates,metadata', 'items.spec')).toBe(true);
  expect(asksFor('items.specific', 'items.spec')).toBe(false);
  expect(asksFor('-items.spec', 'items.spec')).toBe(false);
  expect(asksFor(undefined, 'items.spec')).toBe(false);
});
