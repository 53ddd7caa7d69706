import { goPrintf, type PrintfValue } from '@argosy/lang';
import { decodeFixture } from '@argosy/lang/testing';
import type { Random } from '../../simulation/random.ts';
import type { Language, Question } from '../language.ts';

const VERBS = 'dvsqxXobcUteEfgGT%z';

function value(random: Random): unknown {
  switch (random.below(5)) {
    case 0:
      return { i: String(random.between(-(10 ** 9), 10 ** 9)) };
    case 1:
      return { i: String(random.between(-300, 300)) };
    case 2:
      return { f: String((random.next() - 0.5) * 10 ** random.between(-8, 22)) };
    case 3:
      return random.pick(['', 'go', 'grüße', 'a"b\\', 'tab\there', '日本', '%d', '😀\n']);
    default:
      return random.chance(0.5);
  }
}

function directive(random: Random, verbs: string): string {
  const flags = Array.from({ length: random.below(3) }, () => random.pick([...'-+# 0']));
  const width = random.chance(0.4) ? String(random.between(1, 14)) : '';
  const precision = random.chance(0.3) ? `.${random.pick(['', '0', '1', '3', '9'])}` : '';
  return `%${flags.join('')}${width}${precision}${random.pick([...verbs])}`;
}

/** Go's `fmt.Sprintf` of whole numbers, floats, texts and booleans. */
export const printf: Language = {
  name: 'printf',
  oracle: 'lang-fixtures',
  question(random) {
    const count = random.between(1, 3);
    const parts = Array.from({ length: count }, () => directive(random, VERBS));
    const values = Array.from({ length: random.between(0, 3) }, () => value(random));
    return { language: 'printf', source: `<${parts.join('|')}>`, values };
  },
  answer: ({ source, values = [] }) => ({
    r: goPrintf(source, ...(values.map(decodeFixture) as PrintfValue[])),
  }),
  isMeant: isNotCompared,
};

/** Not promised: quoting in ASCII only, and floats in binary, hexadecimal or alternate form. */
function isNotCompared({ source, values = [] }: Question): boolean {
  const hasFloat = values.some((each) => typeof each === 'object' && each !== null && 'f' in each);
  return /%[-+# 0]*\+[^%|]*q/.test(source) || (hasFloat && /#|[xXb]/.test(source));
}
