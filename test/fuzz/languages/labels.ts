import { matchesLabels, parseLabelSelector } from '@argosy/lang';
import type { Random } from '../../simulation/random.ts';
import type { Language } from '../language.ts';

const KEYS = ['a', 'n', 'app', 'x/y', 'A', 'in', 'notin', 'x/y/z', '-a', 'a.b', 'X/y', 'a_', ''];
const VALUES = ['b', 'c', '', 'z', '5', '10', 'web-1', 'in', '-b', 'b c', 'x/y', '1.5', '-1', 'ü'];
const OPERATORS = ['=', '==', '!=', '>', '<', ' in ', ' notin ', '===', '!', '!==', '=!', ' '];

function blank(random: Random): string {
  return random.pick(['', '', '', ' ', '  ', '\t']);
}

function usual<T>(random: Random, list: readonly T[], usualCount: number): T {
  return random.pick(random.chance(0.85) ? list.slice(0, usualCount) : list);
}

function requirement(random: Random): string {
  const key = usual(random, KEYS, 4);
  if (random.chance(0.2)) return random.pick(['', '!', '! ', '!!']) + key;
  const operator = usual(random, OPERATORS, 7);
  if (!/in/.test(operator)) {
    return [key, operator, usual(random, VALUES, 7)].join(blank(random));
  }
  const values = Array.from({ length: random.between(0, 3) }, () => usual(random, VALUES, 7));
  const list = values.join(`${blank(random)},${blank(random)}`);
  return `${key}${operator}${random.chance(0.95) ? `(${list})` : list}`;
}

/** Kubernetes' label selectors: whether they are understood, and which label sets they match. */
export const labels: Language = {
  name: 'labels',
  oracle: 'kubernetes-fields',
  question(random) {
    const parts = Array.from({ length: random.between(1, 3) }, () => requirement(random));
    return { language: 'labels', source: parts.join(`${blank(random)},${blank(random)}`) };
  },
  answer({ source }, given) {
    const parsed = parseLabelSelector(source);
    if (!parsed.ok) return { x: parsed.error.message };
    const sets = given['labels'] as readonly Readonly<Record<string, string>>[];
    return { r: sets.map((set) => matchesLabels(parsed.value, set)) };
  },
};
