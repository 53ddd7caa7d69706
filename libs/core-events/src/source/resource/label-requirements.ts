import { err, ok, type Result } from '@argosy/base';
import { parseLabelSelector, type LabelSelector } from '@argosy/lang';

/** A condition on a label or a field, as the manifest has it. */
export interface ResourceSelector {
  readonly key: string;
  /** Absent means equality for labels; fields need one. */
  readonly operation?: string;
  readonly value?: string;
}

/** Conditions on labels, for this process and as the text that an API server takes. */
export interface ResourceLabels {
  readonly selector: LabelSelector;
  readonly text: string;
}

/** How each operation of Argo Events is written in Kubernetes' selector text. */
const OPERATIONS: Readonly<Record<string, (key: string, value: string) => string>> = {
  '': (key, value) => `${key}=${value}`,
  '=': (key, value) => `${key}=${value}`,
  '==': (key, value) => `${key}=${value}`,
  '!=': (key, value) => `${key}!=${value}`,
  in: (key, value) => `${key} in (${value})`,
  notin: (key, value) => `${key} notin (${value})`,
  gt: (key, value) => `${key}>${value}`,
  lt: (key, value) => `${key}<${value}`,
  exists: (key) => key,
  '!': (key) => `!${key}`,
};
const WITHOUT_VALUE = ['exists', '!'];

/**
 * Reads `filter.labels`. The value of `in` and `notin` is a list with commas; an empty item is the empty value.
 * @returns a sentence that names the condition and what is wrong with it.
 */
export function compileResourceLabels(
  selectors: readonly ResourceSelector[],
): Result<ResourceLabels, string> {
  const selector: LabelSelector[number][] = [];
  const texts: string[] = [];
  for (const [index, { key, operation = '', value = '' }] of selectors.entries()) {
    const where = `filter.labels[${index}]`;
    const print = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
    if (print === undefined) {
      const known = Object.keys(OPERATIONS).filter((name) => name !== '');
      return err(`${where}.operation: "${operation}" is not one of ${known.join(', ')}`);
    }
    if (WITHOUT_VALUE.includes(operation) && value !== '') {
      return err(`${where}.value must be empty for the operation ${operation}`);
    }
    const text = print(key, value);
    const parsed = parseLabelSelector(text);
    if (!parsed.ok) return err(`${where}: ${parsed.error.message}`);
    const [requirement, ...others] = parsed.value;
    // More than one means that the value was read as a condition of its own.
    if (requirement === undefined || others.length > 0) {
      return err(`${where}: the key ${key} and the value "${value}" make no condition on a label`);
    }
    selector.push(requirement);
    texts.push(text);
  }
  return ok({ selector, text: texts.join(',') });
}
