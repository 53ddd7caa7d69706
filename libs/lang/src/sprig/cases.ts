const isConnector = (character: string): boolean =>
  character === '-' || character === '_' || /^\s$/.test(character);
const isUpper = (character: string): boolean => /^\p{Lu}$/u.test(character);

/** `http_server` → `HttpServer`; connectors at the start and doubled ones stay. */
export function camelCase(text: string): string {
  const lead = /^[-_\s]*/.exec(text)?.[0] ?? '';
  const characters = [...text.slice(lead.length)];
  let result = lead;
  let previous = '';
  let isFirstUpper = false;
  characters.forEach((character, index) => {
    let current = character;
    if (index === 0) {
      isFirstUpper = isUpper(character);
      current = character.toUpperCase();
    } else if (isConnector(character) && isConnector(previous)) {
      result += previous;
    } else if (isConnector(previous)) {
      isFirstUpper = isUpper(character);
      current = character.toUpperCase();
    } else {
      result += previous;
      if (isFirstUpper && isUpper(character)) current = character.toLowerCase();
      else isFirstUpper = false;
    }
    previous = current;
  });
  return result + previous;
}

type WordKind = 'number' | 'upper' | 'alphabet' | 'connector' | 'punctuation' | 'other' | 'none';

interface Word {
  readonly kind: WordKind;
  readonly text: string;
}

const NUMBER = /^\p{Nd}[\p{Nd}]*/u;
const PATTERNS: readonly (readonly [WordKind, RegExp])[] = [
  ['connector', /^[-_\s]+/],
  ['punctuation', /^\p{P}+/u],
  ['upper', /^\p{Lu}+(?![\p{Ll}\p{Lt}\p{Lo}\p{Lm}])/u],
  ['upper', /^\p{Lu}[\p{Ll}\p{Lt}\p{Lo}\p{Lm}]+/u],
  ['number', NUMBER],
  ['alphabet', /^[\p{Ll}\p{Lt}\p{Lo}\p{Lm}]+/u],
  ['other', /^[^\p{L}\p{Nd}\p{P}\s_-]+/u],
];

function wordsOf(text: string): readonly Word[] {
  const words: Word[] = [];
  let rest = text;
  while (rest !== '') {
    const word = firstWord(rest);
    words.push(word);
    rest = rest.slice(word.text.length);
  }
  return words;
}

function firstWord(text: string): Word {
  for (const [kind, pattern] of PATTERNS) {
    const match = pattern.exec(text);
    if (match !== null && match[0] !== '') return { kind, text: match[0] };
  }
  return { kind: 'other', text: [...text][0] ?? '' };
}

/**
 * `FirstName` → `first_name` or `first-name`. A number is joined to the word before it when a capital
 * follows (`Bld4Floor` → `bld4_floor`) and begins a word of its own otherwise (`http2xx` → `http_2xx`).
 */
export function lowerCaseWords(text: string, connector: string): string {
  const words = wordsOf(text);
  const none: Word = { kind: 'none', text: '' };
  const at = (index: number): Word => words[index] ?? none;
  const isJoinable = (word: Word): boolean =>
    word.kind !== 'none' && word.kind !== 'connector' && word.kind !== 'punctuation';
  let result = '';
  const put = (word: Word): void => {
    result +=
      word.kind === 'connector' ? connector.repeat([...word.text].length) : word.text.toLowerCase();
  };
  let index = 0;
  const putRun = (): void => {
    while (at(index).kind === 'alphabet' || at(index).kind === 'number') {
      put(at(index));
      index += 1;
    }
  };
  while (index < words.length) {
    const word = at(index);
    put(word);
    index += 1;
    if (word.kind === 'connector' || word.kind === 'punctuation') continue;
    if (word.kind !== 'number' && at(index).kind === 'number' && index + 1 < words.length) {
      if (at(index + 1).kind === 'alphabet') {
        result += connector;
        putRun();
      } else {
        put(at(index));
        index += 1;
      }
    } else if (word.kind === 'number') {
      putRun();
    } else if (at(index).kind === 'number') {
      continue;
    }
    if (isJoinable(at(index))) result += connector;
  }
  return result;
}
