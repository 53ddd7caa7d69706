// Covers tags in text: scanning, nesting, JSON escaping, expressions, what stays verbatim and what is an
// error. Leaves out the expression language itself, which has its own tests.
import { describe, expect, it } from 'vitest';
import type { Result } from '@argosy/base';
import type { LangError } from '../error.ts';
import {
  envFromNames,
  parseTemplate,
  renderTemplate,
  tagsOf,
  type RenderOptions,
  type TemplateScope,
} from './index.ts';

const VALUES: Readonly<Record<string, string | null>> = {
  'inputs.parameters.name': 'Ann',
  'inputs.parameters.my-list': '["a","b"]',
  'inputs.parameters.quoted': 'say "hi"\n\\ é',
  'inputs.parameters.tagged': '{{item}}',
  'steps.skipped.outputs.result': null,
  'steps.done.outputs.result': '3',
  item: 'name',
};

function scopeOf(values: Readonly<Record<string, string | null>>): TemplateScope {
  const env = envFromNames(Object.entries(values));
  return {
    lookup: (tag) => (Object.hasOwn(values, tag) ? values[tag] : undefined),
    env: () => env,
  };
}

function render(text: string, options: Partial<RenderOptions> = {}): Result<string, LangError> {
  const all = { allowUnresolved: true, ...options };
  return renderTemplate(parseTemplate(text), scopeOf(VALUES), all);
}

function rendered(text: string, options: Partial<RenderOptions> = {}): string {
  const result = render(text, options);
  return result.ok ? result.value : `ERROR ${result.error.kind} ${result.error.message}`;
}

describe('simple tags', () => {
  it.each([
    ['hello {{inputs.parameters.name}}!', 'hello Ann!'],
    ['{{ inputs.parameters.name }}', 'Ann'],
    ['{{item}}{{item}}', 'namename'],
    ['no tags } } { {', 'no tags } } { {'],
    ['', ''],
    ['{{inputs.parameters.tagged}}', '{{item}}'],
  ])('renders %j as %j', (text, expected) => {
    expect(rendered(text)).toBe(expected);
  });

  it('resolves a tag inside a tag, then the tag its name makes', () => {
    expect(rendered('<{{inputs.parameters.{{item}}}}>')).toBe('<Ann>');
  });

  it('keeps the resolved name of a nested tag that has no value yet', () => {
    const scope = scopeOf({ item: 'late' });
    const parsed = parseTemplate('{{inputs.parameters.{{item}}}}');
    const result = renderTemplate(parsed, scope, { allowUnresolved: true });
    expect(result).toEqual({ ok: true, value: '{{inputs.parameters.late}}' });
  });

  it('leaves an unresolved tag verbatim with its blanks', () => {
    expect(rendered('a {{ tasks.B.outputs.result }} b')).toBe('a {{ tasks.B.outputs.result }} b');
  });

  it('refuses an unresolved tag where all must resolve', () => {
    const result = render('x {{nope}}', { allowUnresolved: false });
    const error = { kind: 'Unresolved', message: 'failed to resolve {{nope}}', offset: 2 };
    expect(result).toEqual({ ok: false, error });
  });

  it('refuses an unresolved tag with a strict prefix, but not an artifact', () => {
    const strict = { strictPrefixes: ['steps.', 'tasks.'] };
    expect(rendered('{{steps.A.outputs.result}}', strict)).toMatch(/^ERROR Unresolved/);
    expect(rendered('{{other}}', strict)).toBe('{{other}}');
    const artifact = '{{steps.A.outputs.artifacts.x}}';
    expect(rendered(artifact, strict)).toBe(artifact);
  });

  it('makes the output of a skipped step without default an error that no waiting can mend', () => {
    expect(rendered('{{steps.skipped.outputs.result}}')).toMatch(
      /^ERROR Evaluation .*absent optional/,
    );
  });

  it('names the tag that is not closed', () => {
    expect(rendered('a {{b')).toBe('ERROR Syntax the tag starting at "{{b" has no closing "}}"');
  });
});

describe('substitution in JSON text', () => {
  it('escapes values, so that quotes and newlines survive', () => {
    const source = JSON.stringify({ a: '{{inputs.parameters.quoted}}' });
    const result = render(source, { json: true });
    expect(JSON.parse(result.ok ? result.value : '')).toEqual({ a: 'say "hi"\n\\ é' });
  });

  it('unescapes an expression before it is read', () => {
    const source = JSON.stringify({ a: '{{= inputs.parameters.name + "\\n" }}' });
    const result = render(source, { json: true });
    expect(JSON.parse(result.ok ? result.value : '')).toEqual({ a: 'Ann\n' });
  });

  it('writes values that are no text as JSON inside the string', () => {
    const source = JSON.stringify({ a: '{{=fromJSON(inputs.parameters["my-list"])}}' });
    const result = render(source, { json: true });
    expect(JSON.parse(result.ok ? result.value : '')).toEqual({ a: '["a","b"]' });
  });
});

describe('expression tags', () => {
  it.each([
    ['{{=1 + 1}}', '2'],
    ['{{= inputs.parameters.name + "!" }}', 'Ann!'],
    ["{{=inputs.parameters['my-list']}}", '["a","b"]'],
    ['{{=asInt(steps.done.outputs.result) * 2}}', '6'],
    ['{{=1 / 2}}', '0.5'],
    ['{{=sprig.trim(" x ")}}', 'x'],
    ["{{=jsonpath(inputs.parameters['my-list'], '$[1]')}}", 'b'],
    ['{{=inputs.parameters.missing ?? "fallback"}}', 'fallback'],
    ['{{=steps.skipped.outputs.result ?? "skipped"}}', 'skipped'],
    ['{{=item == "name" ? "yes" : "no"}}', 'yes'],
  ])('renders %j as %j', (text, expected) => {
    expect(rendered(text)).toBe(expected);
  });

  it.each([
    '{{=retries}}',
    '{{=sprig.int(retries)}}',
    '{{=asInt(lastRetry.exitCode) > 1}}',
    '{{=workflow.status == "Succeeded" ? "a" : "b"}}',
    '{{=workflow.failures ?? "none"}}',
    '{{=inputs.parameters.missing}}',
    '{{=unknown.name}}',
  ])('keeps %j as it is while its variable is not in scope', (text) => {
    expect(rendered(text)).toBe(text);
  });

  it('keeps an item expression verbatim outside its loop', () => {
    const parsed = parseTemplate('{{=item.a ?? "x"}}');
    const result = renderTemplate(parsed, scopeOf({}), { allowUnresolved: true });
    expect(result).toEqual({ ok: true, value: '{{=item.a ?? "x"}}' });
  });

  it('does not take a late variable in a quoted text for a variable', () => {
    expect(rendered('{{="workflow.status"}}')).toBe('workflow.status');
  });

  it('refuses a failing expression all of whose variables exist', () => {
    expect(rendered('{{=asInt(inputs.parameters.name)}}')).toMatch(
      /^ERROR Evaluation .*int\(Ann\)/,
    );
  });

  it('refuses nil where all variables exist', () => {
    expect(rendered('{{=steps.skipped.outputs.result}}')).toMatch(/^ERROR Evaluation .*nil/);
  });

  it('leaves a failing expression alone when asked to tolerate failures', () => {
    const text = '{{=asInt(inputs.parameters.name)}}';
    expect(rendered(text, { tolerateFailures: true })).toBe(text);
  });

  it('names the missing variable where all must resolve', () => {
    const result = rendered('{{=inputs.parameters.missing + "x"}}', { allowUnresolved: false });
    expect(result).toContain('inputs.parameters.missing is missing');
  });

  it('reports a syntax error', () => {
    expect(rendered('{{=1 +}}')).toMatch(/^ERROR Syntax failed to evaluate expression/);
  });

  it('gives now() the clock of the options only', () => {
    expect(rendered('{{=now().Unix()}}', { nowMs: 5_000 })).toBe('5');
    expect(rendered('{{=now().Unix()}}')).toMatch(/^ERROR Evaluation .*clock/);
  });
});

describe('parseTemplate', () => {
  it('tells the tags with their places, those inside others too', () => {
    const tags = tagsOf(parseTemplate('a {{b}} {{=c+1}} {{d.{{e}}}}'));
    expect(tags.map(({ kind, text, offset }) => [kind, text, offset])).toEqual([
      ['Simple', 'b', 2],
      ['Expression', 'c+1', 8],
      ['Nested', 'd.{{e}}', 17],
      ['Simple', 'e', 21],
    ]);
  });

  it('bounds how deep tags nest', () => {
    const deep = '{{a'.repeat(1_000) + '}}'.repeat(1_000);
    expect(() => parseTemplate(deep)).not.toThrow();
  });
});

describe('envFromNames', () => {
  it('nests dotted names, hyphens included', () => {
    const env = envFromNames([
      ['inputs.parameters.a-b', '1'],
      ['workflow.name', 'w'],
    ]);
    expect(env).toEqual({ inputs: { parameters: { 'a-b': '1' } }, workflow: { name: 'w' } });
  });

  it('prefers the longer of two names when one begins the other, in either order', () => {
    const long: [string, string] = ['workflow.parameters.x', '1'];
    const short: [string, string] = ['workflow.parameters', '[]'];
    const wanted = { workflow: { parameters: { x: '1' } } };
    expect(envFromNames([long, short])).toEqual(wanted);
    expect(envFromNames([short, long])).toEqual(wanted);
  });

  it('is safe for names that objects inherit', () => {
    const env = envFromNames([['__proto__.polluted', 'yes']]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.keys(env)).toEqual(['__proto__']);
  });
});
