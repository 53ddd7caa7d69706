import type { SprigFunction } from './arguments.ts';
import { dateFunctions } from './dates.ts';
import { defaultFunctions } from './defaults.ts';
import { dictFunctions } from './dicts.ts';
import { encodingFunctions } from './encoding.ts';
import { listFunctions } from './lists.ts';
import { numberFunctions } from './numbers.ts';
import { pathFunctions } from './paths.ts';
import { regexFunctions } from './regex.ts';
import { semverFunctions } from './semver.ts';
import { stringFunctions } from './strings.ts';
import { urlFunctions } from './urls.ts';

export type { SprigFunction } from './arguments.ts';

/**
 * The deterministic functions of sprig 3.3 over Go values (int = bigint, float64 = number, nil = null,
 * time.Time = Date). Left out because they need a clock, randomness, the environment or the network:
 * now, ago, rand*, shuffle, uuidv4, gen*, derivePassword, bcrypt, htpasswd, encryptAES, decryptAES,
 * env, expandenv, getHostByName. A function throws Error on bad arguments. The table has no prototype, so
 * `constructor` and the like are no functions of it.
 */
export const sprigFunctions: Readonly<Record<string, SprigFunction>> = Object.freeze(
  Object.assign(Object.create(null) as Record<string, SprigFunction>, {
    ...stringFunctions,
    ...numberFunctions,
    ...listFunctions,
    ...dictFunctions,
    ...defaultFunctions,
    ...encodingFunctions,
    ...regexFunctions,
    ...pathFunctions,
    ...urlFunctions,
    ...dateFunctions,
    ...semverFunctions,
  }),
);
