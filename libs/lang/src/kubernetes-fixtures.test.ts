// Label selectors and JSONPath templates against the answers of Kubernetes' own Go libraries
// (fixtures/kubernetes.json, written by tools/kubernetes-fields). Leaves out bounds (hostile.test.ts).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { matchesLabels, parseLabelSelector, printJsonPath } from './index.ts';

interface Fixtures {
  readonly labelSets: readonly Readonly<Record<string, string>>[];
  readonly selectors: readonly {
    readonly selector: string;
    readonly error?: boolean;
    readonly matches?: readonly boolean[];
  }[];
  readonly data: unknown;
  readonly paths: readonly {
    readonly template: string;
    readonly error?: boolean;
    readonly output: string;
  }[];
}

const file = join(import.meta.dirname, '../fixtures/kubernetes.json');
const { labelSets, selectors, data, paths } = JSON.parse(readFileSync(file, 'utf8')) as Fixtures;

describe('label selectors answer as Kubernetes does', () => {
  it.each(selectors)('$selector', ({ selector, error, matches }) => {
    const parsed = parseLabelSelector(selector);
    expect(parsed.ok).toBe(error !== true);
    if (parsed.ok) {
      expect(labelSets.map((labels) => matchesLabels(parsed.value, labels))).toEqual(matches);
    }
  });
});

/** Where Kubernetes' library is odd, and an answer is more use than its own. */
const ANSWERED_OTHERWISE = new Set([
  '{.items[?(@.ok==true)].n}', // it knows no constants but numbers and texts
  '{.items[?(@.n<=2.5)].n}', // it compares no integer with a fraction
  "{.items[*]['metadata.name','n']}", // it takes a quoted name for a path
  '{.}', // it refuses the whole value, and
  '{}', // gives it where nothing is named
  '{range .items[*]}', // it does not miss the end
]);

describe('JSONPath templates print as Kubernetes does', () => {
  it.each(paths.filter(({ template }) => !ANSWERED_OTHERWISE.has(template)))(
    '$template',
    ({ template, error, output }) => {
      const printed = printJsonPath(template, data);
      expect(printed.ok ? printed.value : 'error').toBe(error === true ? 'error' : output);
    },
  );
});
