// Covers selector text, selectors of manifests, and matching. Leaves out field selectors.
import { unwrap } from '@argosy/base';
import { describe, expect, it } from 'vitest';
import { labelSelectorOf, matchesLabels, parseLabelSelector } from './index.ts';

const LABELS = { app: 'web', 'example.com/tier': 'front', n: '5', empty: '' };

describe('label selector text', () => {
  it.each([
    ['', true],
    ['app=web', true],
    ['app==web', true],
    ['app = web , n=5', true],
    ['app!=web', false],
    ['absent!=x', true],
    ['app in (web, api)', true],
    ['app notin (web)', false],
    ['absent notin (x)', true],
    ['absent in (x)', false],
    ['app', true],
    ['!app', false],
    ['!absent', true],
    ['n>4', true],
    ['n<5', false],
    ['absent>1', false],
    ['example.com/tier=front', true],
    ['empty=', true],
    ['app=web,!absent,n in (4,5)', true],
    ['toString', false],
  ])('%j on the labels gives %s', (text, matches) => {
    expect(matchesLabels(unwrap(parseLabelSelector(text)), LABELS)).toBe(matches);
  });

  it.each(['a b', 'app in web', 'app in (web', '=x', 'a=b c', 'n>x', 'app=,,b', 'a/b/c=1', 'a=-'])(
    'refuses %j and names the part',
    (text) => {
      const result = parseLabelSelector(text);
      expect(result.ok ? '' : result.error.message).toContain('label selector');
    },
  );
});

describe('label selectors of manifests', () => {
  it('requires all of matchLabels and matchExpressions', () => {
    const selector = unwrap(
      labelSelectorOf({
        matchLabels: { app: 'web' },
        matchExpressions: [
          { key: 'n', operator: 'In', values: ['5'] },
          { key: 'absent', operator: 'DoesNotExist' },
        ],
      }),
    );
    expect(matchesLabels(selector, LABELS)).toBe(true);
    expect(matchesLabels(selector, { ...LABELS, absent: '' })).toBe(false);
  });

  it.each([
    { key: 'a', operator: 'Near' },
    { key: 'a', operator: 'In' },
    { key: 'a', operator: 'Exists', values: ['x'] },
  ])('refuses %j', (expression) => {
    expect(labelSelectorOf({ matchExpressions: [expression] }).ok).toBe(false);
  });
});
