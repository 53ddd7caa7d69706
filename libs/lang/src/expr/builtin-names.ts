/**
 * Every built-in function of expr-lang 1.17. A call of one of these names is always the built-in, also
 * when the environment has a variable of that name.
 */
export const BUILTIN_NAMES: ReadonlySet<string> = new Set(
  (
    'all none any one filter map find findIndex findLast findLastIndex count sum groupBy sortBy ' +
    'reduce len type abs ceil floor round int float string trim trimPrefix trimSuffix upper lower ' +
    'split splitAfter replace repeat join indexOf lastIndexOf hasPrefix hasSuffix max min mean ' +
    'median toJSON fromJSON toBase64 fromBase64 now duration date timezone first last get take ' +
    'keys values toPairs fromPairs reverse uniq concat flatten sort bitnot bitand bitor bitxor ' +
    'bitnand bitshl bitshr bitushr'
  ).split(' '),
);
