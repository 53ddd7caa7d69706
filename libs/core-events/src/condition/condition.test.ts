// Covers trigger conditions and the times at which pending events are dropped. Leaves out the machine.
import { describe, expect, it } from 'vitest';
import { unwrap } from '@argosy/base';
import { compileCondition } from './condition.ts';
import { nextResetMs, previousResetMs, resetPlan } from './reset.ts';

const dependencies = [{ name: 'dep-1' }, { name: 'dep_2' }, { name: 'c' }];
const compile = (text?: string) => unwrap(compileCondition(text, dependencies));

describe('conditions', () => {
  it('mean all dependencies of the sensor when there are none (rule 22)', () => {
    expect(compile().expression).toBe('dep-1&&dep_2&&c');
    expect(compile('').dependencies).toEqual(['dep-1', 'dep_2', 'c']);
  });
  it('take - and _ in names as the same (rule 23)', () => {
    expect(compile('dep_1 || dep-2').expression).toBe('dep-1||dep_2');
  });
  it.each(['!c', 'c & dep-1', 'c ||', '(c', 'c)', 'nope', 'c dep-1', '()', '&& c'])(
    'refuse %j (rule 23)',
    (text) => {
      expect(compileCondition(text, dependencies).ok).toBe(false);
    },
  );
  it('keep state only when they have an && (rule 24)', () => {
    expect(compile('c || dep-1').isStateful).toBe(false);
    expect(compile('c || (dep-1 && dep-2)').isStateful).toBe(true);
  });
  it('bind && closer than ||', () => {
    const condition = compile('c || dep-1 && dep-2');
    expect(condition.holds(new Set(['c']))).toBe(true);
    expect(condition.holds(new Set(['dep-1']))).toBe(false);
    expect(condition.holds(new Set(['dep-1', 'dep_2']))).toBe(true);
    expect(compile('(c || dep-1) && dep-2').holds(new Set(['c']))).toBe(false);
  });
});

describe('conditionsReset', () => {
  const at = (text: string): number => Date.parse(text);

  it('is a cron of five fields in a zone; the earliest of several counts (rule 31)', () => {
    const plan = unwrap(
      resetPlan([
        { byTime: { cron: '0 5 * * *', timezone: 'America/New_York' } },
        { byTime: { cron: '30 11 * * *' } },
      ]),
    );
    expect(nextResetMs(plan, at('2026-03-02T10:10:00Z'))).toBe(at('2026-03-02T11:30:00Z'));
    expect(previousResetMs(plan, at('2026-03-02T10:10:00Z'))).toBe(at('2026-03-02T10:00:00Z'));
  });
  it.each(['a * * * *', '* * * *', '@daily', '0 0 0 * * *'])('refuses the cron %j', (cron) => {
    const plan = resetPlan([{ byTime: { cron } }]);
    expect(plan.ok ? '' : plan.error).toContain('invalid cron expression');
  });
  it('refuses an unknown zone', () => {
    expect(resetPlan([{ byTime: { cron: '* * * * *', timezone: 'No/Where' } }]).ok).toBe(false);
  });
});
