import { err, type Result } from '@argosy/base';
import { renderText, type Text } from '../plan/text.ts';
import type { VariableScope } from '../scope/variables.ts';

/** Renders a text in which every reference to a step or task must have a value. */
export function renderReference(text: Text, scope: VariableScope): Result<string, string> {
  scope.absent = undefined;
  const rendered = renderText(text, scope, true);
  if (rendered.ok) return rendered;
  return err(`unable to resolve references: ${absence(scope) ?? rendered.error}`);
}

/** The sentence about an output that will never be there. */
function absence(scope: VariableScope): string | undefined {
  return scope.absent === undefined ? undefined : absentSentence(scope.absent);
}

/** What is wrong with a reference to an output that will never be there, and what to do. */
export function absentSentence(tag: string): string {
  return (
    `{{${tag}}} is an absent optional: its producer was skipped or omitted; ` +
    'give its output a valueFrom.default, or the consuming input a default'
  );
}
