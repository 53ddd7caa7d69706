// Covers reading of manifest texts: dialect, positions, unknown fields, wrong types, limits.
// Leaves out what a workflow means (validate/) and merging (defaults/).
import { describe, expect, it } from 'vitest';
import { formatProblem, parseManifests, type ParseOptions, type Workflow } from '../index.ts';
import { schemaNames, objectSchema } from './schema/schema.ts';
import type { FieldType } from './schema/field-type.ts';

const HEAD = 'apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: a}\n';

function workflow(body: string, options: ParseOptions = {}): Workflow {
  const parsed = parseManifests(HEAD + body, options);
  const [first] = parsed.manifests;
  if (first?.manifest.kind !== 'Workflow') {
    throw new Error(parsed.problems.map(formatProblem).join('\n'));
  }
  return first.manifest;
}

function problemsOf(text: string, options: ParseOptions = {}): readonly string[] {
  return parseManifests(text, { file: 'f.yaml', ...options }).problems.map(formatProblem);
}

function valueOf(yaml: string): string | undefined {
  const body = `spec: {arguments: {parameters: [{name: p, value: ${yaml}}]}}`;
  return workflow(body).spec.arguments?.parameters?.[0]?.value;
}

describe('the dialect', () => {
  it.each([
    ['1', '1'],
    ['1.5', '1.5'],
    ['1.50', '1.5'],
    ['12345678901234567890', '12345678901234567890'],
    ['0777', '511'],
    ['0o17', '15'],
    ['y', 'true'],
    ['1_000', '1000'],
    ['true', 'true'],
    ['yes', 'true'],
    ['Off', 'false'],
    ['"yes"', 'yes'],
    ['2024-01-02', '2024-01-02'],
    ['1:30', '1:30'],
    ['1e3', '1000'],
    ['""', ''],
    ['hello world', 'hello world'],
  ])('makes a parameter value written %s the text %j', (yaml, text) => {
    expect(valueOf(yaml)).toBe(text);
  });

  it('treats null as absent', () => {
    expect(workflow('spec: {entrypoint: ~, arguments: }').spec).toEqual({});
  });

  it('makes scalars text where text is due', () => {
    const body = 'spec: {templates: [{name: 7, container: {image: i, args: [1, on, x]}}]}';
    const [template] = workflow(body).spec.templates ?? [];
    expect(template?.name).toBe('7');
    expect(template?.container?.args).toEqual(['1', 'true', 'x']);
  });

  it('keeps items of loops as JSON values', () => {
    const body =
      'spec: {templates: [{name: t, steps: [[{name: s, withItems: [1, a, {b: 2}, null]}]]}]}';
    const step = workflow(body).spec.templates?.[0]?.steps?.[0]?.[0];
    expect(step?.withItems).toEqual([1, 'a', { b: 2 }, null]);
  });

  it('follows anchors, aliases and merge keys', () => {
    const body =
      'spec:\n  arguments:\n    parameters:\n    - &p {name: p, value: 1}\n' +
      '    - {<<: *p, name: q}\n    - *p\n';
    expect(workflow(body).spec.arguments?.parameters).toEqual([
      { name: 'p', value: '1' },
      { name: 'q', value: '1' },
      { name: 'p', value: '1' },
    ]);
  });

  it('takes quoted text whose later lines are indented too little', () => {
    const body =
      'spec:\n  templates:\n  - name: t\n    container:\n      image: i\n      args: ["a\n\n  b \\"c\\"\n", "d"]\n  entrypoint: t\n';
    const { spec } = workflow(body);
    expect(spec.templates?.[0]?.container?.args).toEqual(['a\nb "c" ', 'd']);
    expect(spec.entrypoint).toBe('t');
  });

  it('reads several documents and skips empty ones', () => {
    const text = `---\n${HEAD}---\n# nothing\n---\n${HEAD.replace('name: a', 'name: b')}`;
    const names = parseManifests(text).manifests.map(({ manifest }) => manifest.metadata.name);
    expect(names).toEqual(['a', 'b']);
  });

  it('reads lists of manifests', () => {
    const item = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' }, data: { a: 'b' } };
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [item, item] });
    expect(parseManifests(text).manifests).toHaveLength(2);
  });

  it('reads JSON and finds places in it', () => {
    const text =
      '{"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow",\n"metadata": {"name": "a"},\n"spec": {"entrypoint": ["x"]}}';
    expect(problemsOf(text)).toEqual([
      'f.yaml:3:10: field "entrypoint" must be text, but is a list: quote it, or write it as a block with "|" (spec.entrypoint)',
    ]);
  });
});

describe('problems', () => {
  it('refuses unknown fields when strict, with a suggestion', () => {
    expect(problemsOf(`${HEAD}spec:\n  entrypont: a\n`, { strict: true })).toEqual([
      'f.yaml:5:3: unknown field "entrypont": did you mean "entrypoint"? (spec.entrypont)',
    ]);
  });

  it('warns of unknown fields when lenient and leaves them out', () => {
    const parsed = parseManifests(`${HEAD}spec: {foo: 1}`);
    expect(parsed.manifests[0]?.manifest).toMatchObject({ spec: {} });
    expect(JSON.stringify(parsed.manifests[0]?.manifest)).not.toContain('foo');
    expect(parsed.problems.map(({ severity }) => severity)).toEqual(['warning']);
  });

  it('says what replaced fields that Argo 4 removed', () => {
    const text = `${HEAD}spec: {synchronization: {mutex: {name: m}}}`;
    expect(problemsOf(text, { strict: true })[0]).toContain('write `mutexes:` with a list');
  });

  it('reads keys regardless of case unless strict', () => {
    const body = 'spec: {Entrypoint: main}';
    expect(workflow(body).spec.entrypoint).toBe('main');
    expect(problemsOf(HEAD + body, { strict: true })).toHaveLength(1);
  });

  it.each([
    ['spec: {parallelism: "3"}', 'must be a whole number, but is the text "3": remove the quotes'],
    ['spec: {suspend: "true"}', 'must be true or false, but is the text "true": remove the quotes'],
    ['spec: {arguments: {parameters: {a: b}}}', 'must be a list, but is a map'],
    ['spec: {arguments: [a]}', 'must be a map, but is a list'],
    ['spec: {parallelism: 1.5}', 'must be a whole number, but is 1.5'],
  ])('refuses a value of the wrong type in %s, strict or not', (body, message) => {
    expect(problemsOf(HEAD + body).join()).toContain(message);
    expect(problemsOf(HEAD + body, { strict: true }).join()).toContain(message);
  });

  it('refuses a key given twice when strict and warns of it when lenient', () => {
    const text = `${HEAD}spec:\n  entrypoint: a\n  entrypoint: b\n`;
    expect(problemsOf(text)[0]).toMatch(/^f.yaml:6:3: warning: key "entrypoint" is given twice/);
    expect(problemsOf(text, { strict: true })[0]).toMatch(/^f.yaml:6:3: key "entrypoint"/);
    expect(workflow('spec:\n  entrypoint: a\n  entrypoint: b\n').spec.entrypoint).toBe('b');
  });

  it('gives the place and an advice for text that is not YAML', () => {
    expect(problemsOf('kind: Workflow\nspec:\n\tentrypoint: a\n')[0]).toMatch(
      /^f.yaml:3:1: not valid YAML: .*indent with spaces/,
    );
    expect(problemsOf('a: "b\n')[0]).toMatch(/^f.yaml:\d+:\d+: not valid YAML: Missing closing/);
  });

  it('refuses unknown and missing kinds', () => {
    expect(problemsOf('kind: Workfow\nmetadata: {name: a}')[0]).toContain('mean "Workflow"');
    expect(problemsOf('kind: Pod\nmetadata: {name: a}')[0]).toContain('known kinds are Workflow');
    expect(problemsOf('metadata: {name: a}')[0]).toContain('kind is required');
    expect(problemsOf('- a')[0]).toContain('a manifest must be a map');
  });

  it('refuses a manifest without name and generateName', () => {
    expect(problemsOf('kind: Workflow\napiVersion: argoproj.io/v1alpha1\nspec: {}')).toEqual([
      'f.yaml:1:1: metadata.name or metadata.generateName is required (metadata)',
    ]);
  });

  it('tells where a field stands, or the nearest around it', () => {
    const text = `${HEAD}spec:\n  templates:\n  - name: a\n    container:\n      image: x\n`;
    const [parsed] = parseManifests(text).manifests;
    expect(parsed?.locate(['spec', 'templates', 0, 'container', 'image'])).toEqual({
      line: 8,
      column: 7,
    });
    expect(parsed?.locate(['spec', 'templates', 0, 'dag'])).toEqual({ line: 6, column: 5 });
  });
});

describe('limits', () => {
  it('refuses a text beyond the length limit', () => {
    expect(problemsOf(`${HEAD}spec: {}`, { lengthMax: 20 })[0]).toContain('the limit is 20');
  });

  it('shows a bounded number of problems and says that there are more', () => {
    const lines = Array.from({ length: 300 }, (_, index) => `  x${index}y: 1`).join('\n');
    const problems = problemsOf(`${HEAD}spec:\n${lines}\n`, { strict: true });
    expect(problems).toHaveLength(201);
    expect(problems.at(-1)).toContain('there are more problems');
  });

  it('loses no error among warnings', () => {
    const lines = Array.from({ length: 300 }, (_, index) => `  x${index}y: 1`).join('\n');
    const { problems } = parseManifests(`${HEAD}spec:\n${lines}\n  suspend: maybe\n`);
    expect(problems.at(-1)).toMatchObject({ severity: 'error' });
  });

  it('refuses aliases that expand beyond reason', () => {
    const levels = Array.from({ length: 9 }, (_, index) => {
      const items = Array.from({ length: 9 }, () => `*a${index}`).join(', ');
      return `a${index + 1}: &a${index + 1} [${items}]`;
    });
    const text = `a0: &a0 [x, x, x]\n${levels.join('\n')}\n`;
    expect(problemsOf(text)[0]).toContain('aliases expand to more than');
  });

  it('refuses an alias that contains itself', () => {
    expect(problemsOf('a: &a [*a]')[0]).toContain('contains itself');
  });

  it.each([1_000, 100_000])('refuses %d levels of nesting', (depth) => {
    const text = `${HEAD}spec: ${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(problemsOf(text)[0]).toMatch(/levels of lists|nested too deeply/);
  });

  it('refuses deep JSON', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const text = `{"kind": "Workflow", "metadata": {"name": "a"}, "spec": {"affinity": {"nodeAffinity": {"a": ${deep}}}}}`;
    expect(problemsOf(text).join()).toMatch(/levels of lists|nested too deeply/);
  });
});

describe('the schema', () => {
  it('names only tables that exist', () => {
    const namesIn = (type: FieldType): readonly string[] => {
      if (type.kind === 'Table') return [type.name];
      if (type.kind === 'List') return namesIn(type.item);
      return type.kind === 'Map' ? namesIn(type.value) : [];
    };
    const named = schemaNames().flatMap((name) =>
      [...(objectSchema(name)?.fields.values() ?? [])].flatMap(namesIn),
    );
    expect(named.filter((name) => objectSchema(name) === undefined)).toEqual([]);
    expect(named.length).toBeGreaterThan(100);
  });
});
