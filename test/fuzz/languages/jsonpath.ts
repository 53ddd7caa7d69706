import { printJsonPath, queryJsonPath } from '@argosy/lang';
import { encodeFixture, normalizeFixture } from '@argosy/lang/testing';
import type { Random } from '../../simulation/random.ts';
import type { Answer, Language, Question } from '../language.ts';

const QUERY_NAMES = ['store', 'book', 'title', 'price', 'tags', 'list', 'expensive', 'x-y', 'nope'];
const KUBE_NAMES = [
  'items',
  'metadata',
  'name',
  'n',
  'list',
  'labels',
  'kind',
  's',
  'empty',
  'nope',
];

function index(random: Random): string {
  const number = (): string => String(random.between(-3, 4));
  switch (random.below(5)) {
    case 0:
      return '*';
    case 1:
      return `${random.chance(0.5) ? number() : ''}:${random.chance(0.5) ? number() : ''}`;
    case 2:
      return `${number()},${number()}`;
    default:
      return number();
  }
}

function filter(random: Random): string {
  const name = random.pick(['n', 'price', 'title', 'f', 'metadata.name', 'isbn']);
  if (random.chance(0.3)) return `?(@.${name})`;
  const operator = random.pick(['==', '!=', '<', '<=', '>', '>=']);
  const value = random.pick(['1', '20', '8.95', '22.5', "'A'", "'b'", '"b"']);
  return `?(@.${name}${operator}${value})`;
}

function path(random: Random, names: readonly string[]): string {
  const steps = Array.from({ length: random.between(1, 4) }, () => {
    const name = random.pick(names);
    const kind = random.below(10);
    if (kind < 4) return `.${name}`;
    if (kind < 7) return `[${index(random)}]`;
    if (kind === 7) return `['${name}']`;
    return kind === 8 ? `..${name}` : `[${filter(random)}]`;
  });
  return steps.join('');
}

/** The function jsonpath() of expressions. */
export const jsonpath: Language = {
  name: 'jsonpath',
  oracle: 'lang-fixtures',
  question: (random) => ({
    language: 'jsonpath',
    // The usual beginning leads somewhere.
    source: random.pick(['$', '$.store', '$.store.book']) + path(random, QUERY_NAMES),
  }),
  answer({ source }, given) {
    const found = queryJsonPath(source, given['jsonpath']);
    return found.ok ? { r: encodeFixture(found.value) } : { x: found.error.message };
  },
  normalize: (answer) =>
    answer.x === undefined ? { r: normalizeFixture(answer.r ?? null) } : answer,
};

/** Kubernetes' JSONPath templates. */
export const kubepath: Language = {
  name: 'kubepath',
  oracle: 'kubernetes-fields',
  question(random) {
    const start = random.pick(['', '$', '.items', '.items[*]', '$.items']);
    const one = `{${start}${path(random, KUBE_NAMES)}}`;
    if (random.chance(0.8)) return { language: 'kubepath', source: one };
    return { language: 'kubepath', source: `{range .items[*]}${one}{"; "}{end}` };
  },
  answer({ source }, given) {
    const printed = printJsonPath(source, given['kubepath']);
    return printed.ok ? { r: printed.value } : { x: printed.error.message };
  },
  isMeant: isMoreUse,
};

/**
 * Where an answer is more use than Kubernetes' own: it compares no integer with a fraction and no
 * text with a number, refuses to go on from a list of nothing or from what is no list, and takes `$`
 * within a range for the item.
 */
function isMoreUse({ source }: Question, go: Answer, here: Answer): boolean {
  if (source.startsWith('{range') && source.includes('$')) return true;
  return go.x !== undefined && here.x === undefined && /\[\?|\*|\.\.|\[.*[:,]/.test(source);
}
