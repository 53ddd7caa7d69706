import { describe, expect, it } from 'vitest';
import {
  createTemplateLookup,
  formatProblem,
  parseManifests,
  validateParsed,
  type ValidateOptions,
} from '../index.ts';

/**
 * One rule: a sentence, manifests that break it once, and what is said about it. In the text stands
 * `§` before the place that the message must point to.
 */
export interface RuleCase {
  readonly rule: string;
  readonly text: string;
  readonly message: string;
  readonly options?: ValidateOptions;
}

const FILE = 'wf.yaml';
const MARK = '§';

/** Every problem of the first manifest of a text, also those of reading it. */
export function problemsOf(text: string, options: ValidateOptions = {}): readonly string[] {
  const { manifests, problems } = parseManifests(text, { strict: true, file: FILE });
  const lookup = createTemplateLookup(manifests.map(({ manifest }) => manifest));
  const [first] = manifests;
  const found = first === undefined ? [] : validateParsed(first, { lookup, ...options });
  return [...problems, ...found].map(formatProblem);
}

/** A test of each rule: the message, with file, line and column of the mark. */
export function describeRules(area: string, cases: readonly RuleCase[]): void {
  describe(area, () => {
    it.each(cases)('$rule', ({ text, message, options }) => {
      const before = text.slice(0, text.indexOf(MARK)).split('\n');
      const place = `${FILE}:${before.length}:${(before.at(-1) ?? '').length + 1}: `;
      expect(text.split(MARK)).toHaveLength(2);
      const problems = problemsOf(text.replace(MARK, ''), options);
      const said = problems.filter((problem) => problem.includes(message));
      expect(said.length === 0 ? problems : said).toEqual([expect.stringContaining(message)]);
      expect(said[0]).toContain(place);
    });
  });
}

const HEAD = 'apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: w}\nspec:\n';

/** A workflow of these templates (a YAML list) that begins with `main`, and more of the spec. */
export function workflowOf(templates: string, spec = ''): string {
  const indent = (lines: string): string => lines.trim().split('\n').join('\n  ');
  const more = spec === '' ? '' : `  ${indent(spec)}\n`;
  return `${HEAD}  entrypoint: main\n${more}  templates:\n  ${indent(templates)}\n`;
}

/** A workflow of a DAG of these tasks, with templates `run` and `echo` (which needs `m`). */
export function dagOf(tasks: string, dag = ''): string {
  return workflowOf(`- {name: main, dag: {${dag}tasks: [${tasks}]}}\n${CALLED}`);
}

/** A workflow of steps: groups of steps, in brackets. */
export function stepsOf(groups: string, more = ''): string {
  return workflowOf(`- {name: main, ${more}steps: [${groups}]}\n${CALLED}`);
}

const CALLED = `- {name: run, container: {image: i}}
- {name: echo, inputs: {parameters: [{name: m}]}, container: {image: i}}`;

/** A workflow whose only template waits, with this in its spec. */
export function specOf(spec: string): string {
  return workflowOf('- {name: main, suspend: {}}', spec);
}
