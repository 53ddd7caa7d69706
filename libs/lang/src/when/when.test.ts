// Covers a step's condition at its public door: empty text, hints, bounds, and which parameters are asked
// for. Leaves out the language itself (fixtures.test.ts).
import { err, ok, unwrap } from '@argosy/base';
import { describe, expect, it } from 'vitest';
import { compileGovaluate, evaluateGovaluate, evaluateWhen } from './index.ts';

function message(text: string): string {
  const result = evaluateWhen(text);
  return result.ok ? `no error: ${result.value}` : result.error.message;
}

describe("a step's condition", () => {
  it('is true when it is empty', () => {
    expect(evaluateWhen('')).toEqual(ok(true));
  });

  it('takes unquoted words as text', () => {
    expect(evaluateWhen('heads == heads')).toEqual(ok(true));
    expect(evaluateWhen('heads != tails')).toEqual(ok(true));
  });

  it('hints at quotes when a value holds symbols', () => {
    expect(message('{{x}} == 1')).toBe(
      "Invalid 'when' expression '{{x}} == 1': Invalid token: '{{' " +
        '(hint: try wrapping the affected expression in quotes ("))',
    );
  });

  it('refuses unquoted text with blanks', () => {
    expect(message('a b == c')).toMatch(/^Invalid 'when' expression 'a b == c': Cannot transition/);
  });

  it('must give a boolean', () => {
    expect(message('5')).toBe("Expected boolean evaluation for '5'. Got 5");
  });

  it.each([`${'('.repeat(50_000)}true${')'.repeat(50_000)}`, `true${' && true'.repeat(200_000)}`])(
    '%#: ends on hostile text',
    (text) => {
      expect(evaluateWhen(text).ok).toBe(false);
    },
  );
});

describe('expressions with parameters', () => {
  it('ask for a parameter only when evaluation reaches it', () => {
    const asked: string[] = [];
    const program = unwrap(compileGovaluate('a == "x" || b == 1'));
    const lookup = (name: string) => {
      asked.push(name);
      return ok('x');
    };
    expect(evaluateGovaluate(program, lookup)).toEqual(ok(true));
    expect(asked).toEqual(['a']);
    expect(program.variables).toEqual(['a', 'b']);
  });

  it('take ints as floats and pass on why a parameter failed', () => {
    const program = unwrap(compileGovaluate('n > 1'));
    expect(evaluateGovaluate(program, () => ok(2n))).toEqual(ok(true));
    const failing = evaluateGovaluate(program, () => err('path does not exist'));
    expect(failing).toMatchObject({ ok: false, error: { message: 'path does not exist' } });
  });

  it('say which parameter does not exist', () => {
    const program = unwrap(compileGovaluate('gone == 1'));
    expect(evaluateGovaluate(program, () => undefined)).toMatchObject({
      ok: false,
      error: { kind: 'Unresolved', message: "No parameter 'gone' found." },
    });
  });
});
