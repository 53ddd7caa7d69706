import { err, ok, type Result } from '@argosy/base';
import { evaluateWhen } from '@argosy/lang';
import type { CallPlan } from '../plan/call.ts';
import type { Text } from '../plan/text.ts';
import type { VariableScope } from '../scope/variables.ts';
import { absentSentence, renderReference } from './references.ts';

/** Whether a call goes on; `Skip` carries the message of the skipped node. */
export type WhenOutcome =
  { readonly kind: 'Go' } | { readonly kind: 'Skip'; readonly message: string };

const GO = ok<WhenOutcome>({ kind: 'Go' });

/** Resolves and evaluates a `when`, before anything else of the call is resolved. */
export function evaluateCondition(
  when: Text | undefined,
  scope: VariableScope,
): Result<WhenOutcome, string> {
  if (when === undefined) return GO;
  const text = renderReference(when, scope);
  if (!text.ok) return text;
  const verdict = evaluateWhen(text.value);
  if (!verdict.ok) return err(verdict.error.message);
  if (verdict.value) return GO;
  return ok({ kind: 'Skip', message: `when '${text.value}' evaluated false` });
}

/** Refuses a call that names a step or task without a value, so that nothing of it is created. */
export function checkReferences(call: CallPlan, scope: VariableScope): string | undefined {
  for (const { variable, droppable } of call.references) {
    const found = scope.find(variable);
    if (found.kind === 'Value' || (found.kind === 'Absent' && droppable)) continue;
    const reason =
      found.kind === 'Absent'
        ? absentSentence(variable.tag)
        : `failed to resolve {{${variable.tag}}}`;
    return `unable to resolve references: ${reason}`;
  }
  return undefined;
}
