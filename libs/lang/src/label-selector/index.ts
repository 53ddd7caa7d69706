import { err, ok, type Result } from '@argosy/base';
import { langError, type LangError } from '../error.ts';

/** One condition on a label. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  readonly values: readonly string[];
}

/** Conditions that must all hold; none selects everything. */
export type LabelSelector = readonly LabelRequirement[];

/** A selector as manifests write it. */
export interface LabelSelectorManifest {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

const KEY =
  /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;
const SET = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/;
const EQUALITY = /^([^\s!=<>]+)\s*(==|=|!=|<|>)\s*([^\s!=<>]*)$/;

/**
 * Reads Kubernetes' selector text: `a=b, c!=d, e in (x,y), f notin (z), g, !h, n>1`, joined by commas.
 * @returns `Syntax` naming the part that is none of these.
 */
export function parseLabelSelector(text: string): Result<LabelSelector, LangError> {
  if (text.trim() === '') return ok([]);
  const selector: LabelRequirement[] = [];
  for (const part of splitOutsideBrackets(text)) {
    const requirement = parseRequirement(part.trim());
    const problem = requirement === undefined ? 'is not understood' : invalidity(requirement);
    if (requirement === undefined || problem !== undefined) {
      const shown = `${JSON.stringify(part.trim())} ${problem ?? ''}`;
      return err(langError('Syntax', `label selector ${JSON.stringify(text)}: ${shown}`));
    }
    selector.push(requirement);
  }
  return ok(selector);
}

function splitOutsideBrackets(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}

function parseRequirement(part: string): LabelRequirement | undefined {
  const set = SET.exec(part);
  if (set !== null) {
    const values = (set[3] ?? '').split(',').map((value) => value.trim());
    return { key: set[1] ?? '', operator: set[2] === 'in' ? 'In' : 'NotIn', values };
  }
  const equality = EQUALITY.exec(part);
  if (equality !== null) {
    const operator = EQUALITY_OPERATORS[equality[2] ?? ''] ?? 'In';
    return { key: equality[1] ?? '', operator, values: [equality[3] ?? ''] };
  }
  if (part.startsWith('!'))
    return { key: part.slice(1).trim(), operator: 'DoesNotExist', values: [] };
  return /^\S+$/.test(part) ? { key: part, operator: 'Exists', values: [] } : undefined;
}

const EQUALITY_OPERATORS: Readonly<Record<string, LabelRequirement['operator']>> = {
  '=': 'In',
  '==': 'In',
  '!=': 'NotIn',
  '<': 'Lt',
  '>': 'Gt',
};

/** Why a requirement cannot be, or undefined. */
function invalidity(requirement: LabelRequirement): string | undefined {
  const { key, operator, values } = requirement;
  if (!KEY.test(key)) return `has an invalid key ${JSON.stringify(key)}`;
  if ((operator === 'Gt' || operator === 'Lt') && !/^-?\d+$/.test(values[0] ?? '')) {
    return 'needs an integer';
  }
  const wrong = values.find((value) => !VALUE.test(value));
  return wrong === undefined ? undefined : `has an invalid value ${JSON.stringify(wrong)}`;
}

/** The selector a manifest's `matchLabels` and `matchExpressions` make together. */
export function labelSelectorOf(manifest: LabelSelectorManifest): Result<LabelSelector, LangError> {
  const selector: LabelRequirement[] = Object.entries(manifest.matchLabels ?? {}).map(
    ([key, value]) => ({ key, operator: 'In', values: [value] }),
  );
  for (const { key, operator, values = [] } of manifest.matchExpressions ?? []) {
    const known = MANIFEST_OPERATORS.find((each) => each === operator);
    const needsValues = known === 'In' || known === 'NotIn';
    if (known === undefined || needsValues !== values.length > 0) {
      const expected = `${MANIFEST_OPERATORS.join(', ')} (In and NotIn with values)`;
      const sentence = `label selector for ${key}: operator ${operator} must be one of ${expected}`;
      return err(langError('Syntax', sentence));
    }
    selector.push({ key, operator: known, values });
  }
  return ok(selector);
}

const MANIFEST_OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;

/** Whether the labels fulfil every requirement. `!=` and `notin` hold for absent labels. */
export function matchesLabels(
  selector: LabelSelector,
  labels: Readonly<Record<string, string>>,
): boolean {
  return selector.every(({ key, operator, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      case 'Gt':
      case 'Lt':
        return isOrdered(value, operator, values[0]);
    }
  });
}

function isOrdered(value: string | undefined, operator: 'Gt' | 'Lt', bound = ''): boolean {
  if (value === undefined || !/^-?\d+$/.test(value)) return false;
  return operator === 'Gt' ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound);
}
