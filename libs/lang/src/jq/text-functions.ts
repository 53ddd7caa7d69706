import { cannotApply, failJq, jqJson, preview, splitText, type ValueFunction } from './value.ts';

/** A function of a text; what is no text is an error that names the function. */
const ofText =
  (name: string, work: (text: string) => unknown): ValueFunction =>
  (input) =>
    typeof input === 'string' ? work(input) : cannotApply(name, input);

/** A function of two texts. */
const ofTexts =
  (name: string, work: (text: string, part: string) => unknown): ValueFunction =>
  (input, [part]) =>
    typeof input === 'string' && typeof part === 'string'
      ? work(input, part)
      : cannotApply(`${name}(${jqJson(part)})`, input);

const BLANK_START = /^[ \t\n\r\f\v\u0085\u00A0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
const BLANK_END = /[ \t\n\r\f\v\u0085\u00A0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/;

const withoutStart = (text: string, part: string): string =>
  text.startsWith(part) ? text.slice(part.length) : text;
const withoutEnd = (text: string, part: string): string =>
  part !== '' && text.endsWith(part) ? text.slice(0, -part.length) : text;

export const TEXT_FUNCTIONS: Readonly<Record<string, ValueFunction>> = {
  'ascii_downcase/0': ofText('ascii_downcase', (text) =>
    text.replace(/[A-Z]/g, (character) => character.toLowerCase()),
  ),
  'ascii_upcase/0': ofText('ascii_upcase', (text) =>
    text.replace(/[a-z]/g, (character) => character.toUpperCase()),
  ),
  'explode/0': ofText('explode', (text) => [...text].map((character) => character.codePointAt(0))),
  'trim/0': ofText('trim', (text) => text.replace(BLANK_START, '').replace(BLANK_END, '')),
  'ltrim/0': ofText('ltrim', (text) => text.replace(BLANK_START, '')),
  'rtrim/0': ofText('rtrim', (text) => text.replace(BLANK_END, '')),
  'startswith/1': ofTexts('startswith', (text, part) => text.startsWith(part)),
  'endswith/1': ofTexts('endswith', (text, part) => text.endsWith(part)),
  'ltrimstr/1': ofTexts('ltrimstr', withoutStart),
  'rtrimstr/1': ofTexts('rtrimstr', withoutEnd),
  'split/1': (input, [separator]) => {
    if (typeof input !== 'string') return cannotApply('split', input);
    if (typeof separator !== 'string')
      return failJq(`split takes a string, not ${preview(separator)}`);
    return splitText(input, separator);
  },
};
