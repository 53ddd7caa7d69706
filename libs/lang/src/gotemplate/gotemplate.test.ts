// Covers Go templates with sprig's functions against what Go answers (fixtures/template.json, written
// by tools/go-fixtures), and the limits. Leaves out Go's exact error sentences.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sprigFunctions } from '../sprig/index.ts';
import { executeGoTemplate, parseGoTemplate, renderGoTemplate } from './index.ts';

interface Fixtures {
  readonly data: unknown;
  readonly cases: readonly {
    readonly template: string;
    readonly output?: string;
    readonly parseError?: boolean;
    readonly executeError?: boolean;
  }[];
}

const fixtures = JSON.parse(
  readFileSync(new URL('../../fixtures/template.json', import.meta.url), 'utf8'),
) as Fixtures;

function answer(template: string): string {
  const parsed = parseGoTemplate(template, { functions: sprigFunctions });
  if (!parsed.ok) return 'PARSE ERROR';
  const result = executeGoTemplate(parsed.value, fixtures.data);
  return result.ok ? result.value : 'EXECUTE ERROR';
}

describe('Go templates', () => {
  it('print what Go prints and fail where Go fails', () => {
    expect(fixtures.cases.length).toBeGreaterThan(200);
    const different = fixtures.cases.flatMap((fixture) => {
      const want = fixture.parseError
        ? 'PARSE ERROR'
        : fixture.executeError
          ? 'EXECUTE ERROR'
          : (fixture.output ?? '');
      const got = answer(fixture.template);
      return got === want ? [] : [{ template: fixture.template, want, got }];
    });
    expect(different).toEqual([]);
  });

  it('name the function that does not exist', () => {
    const result = renderGoTemplate('{{ nope }}', {});
    expect(result.ok ? '' : result.error.message).toBe('function "nope" not defined');
  });

  it.each([
    ['a long range', '{{range 99999999}}{{end}}', 'steps'],
    ['a recursion', '{{define "r"}}{{template "r"}}{{end}}{{template "r"}}', 'depth'],
    ['deep nesting', '{{if 1}}'.repeat(5000), 'deeply'],
  ])('end %s with an error', (_, template, word) => {
    const result = renderGoTemplate(template, {});
    expect(result.ok ? '' : result.error.message).toContain(word);
  });
});
