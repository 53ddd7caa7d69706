import { expectCount, textArgument, type SprigFunction } from './arguments.ts';

interface Version {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  readonly pre: string;
  readonly metadata: string;
  readonly original: string;
}

const SUFFIX =
  '(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?(?:\\+([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?';
const VERSION = new RegExp(`^v?(\\d+)(?:\\.(\\d+))?(?:\\.(\\d+))?${SUFFIX}$`);
const WILD = '[0-9|xX*]+';
const PATTERN = `v?(${WILD})(?:\\.(${WILD}))?(?:\\.(${WILD}))?${SUFFIX}`;
const OPERATOR = '(!=|>=|=>|<=|=<|~>|=|>|<|~|\\^|)';
const TERM = new RegExp(`${OPERATOR}\\s*${PATTERN}`, 'y');
const RANGE = new RegExp(`\\s*(${PATTERN})\\s+-\\s+(${PATTERN})\\s*`, 'g');
/** Groups of PATTERN: three numbers, pre-release, metadata. */
const PATTERN_GROUPS = 5;

function parseVersion(text: string): Version {
  const match = VERSION.exec(text);
  if (match === null) throw new Error('Invalid Semantic Version');
  const [, major = '0', minor = '0', patch = '0', pre = '', metadata = ''] = match;
  if (pre.split('.').some((part) => /^0\d+$/.test(part))) {
    throw new Error('Version segment starts with 0');
  }
  return {
    major: BigInt(major),
    minor: BigInt(minor),
    patch: BigInt(patch),
    pre,
    metadata,
    original: text,
  };
}

function versionText(version: Version): string {
  const pre = version.pre === '' ? '' : `-${version.pre}`;
  const metadata = version.metadata === '' ? '' : `+${version.metadata}`;
  return `${version.major}.${version.minor}.${version.patch}${pre}${metadata}`;
}

const sign = (left: bigint, right: bigint): number => (left < right ? -1 : left > right ? 1 : 0);

function compare(left: Version, right: Version): number {
  const numbers =
    sign(left.major, right.major) || sign(left.minor, right.minor) || sign(left.patch, right.patch);
  if (numbers !== 0) return numbers;
  if (left.pre === right.pre) return 0;
  if (left.pre === '') return 1;
  return right.pre === '' ? -1 : comparePre(left.pre.split('.'), right.pre.split('.'));
}

function comparePre(left: readonly string[], right: readonly string[]): number {
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [a, b] = [left[index], right[index]];
    if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
    if (a === b) continue;
    const [aIsNumber, bIsNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
    if (aIsNumber && bIsNumber) return sign(BigInt(a), BigInt(b));
    if (aIsNumber !== bIsNumber) return aIsNumber ? -1 : 1;
    return a < b ? -1 : 1;
  }
  return 0;
}

interface Constraint {
  readonly operator: string;
  readonly version: Version;
  /** How many of the three numbers were written as digits. */
  readonly given: number;
}

function parseConstraints(text: string): readonly (readonly Constraint[])[] {
  const ranged = text.replace(RANGE, (_, ...groups: unknown[]) => {
    return `>= ${String(groups[0])}, <= ${String(groups[PATTERN_GROUPS + 1])} `;
  });
  return ranged.split('||').map((part) => parseConjunction(part));
}

function parseConjunction(text: string): readonly Constraint[] {
  const bad = (): Error => new Error(`improper constraint: ${text}`);
  const constraints: Constraint[] = [];
  let index = 0;
  const skip = (pattern: RegExp): number => {
    const length = pattern.exec(text.slice(index))?.[0].length ?? 0;
    index += length;
    return length;
  };
  skip(/^\s*/);
  while (index < text.length) {
    if (constraints.length > 0 && index === 0) throw bad();
    TERM.lastIndex = index;
    const match = TERM.exec(text);
    if (match === null) throw bad();
    constraints.push(constraintOf(match));
    index += match[0].length;
    const gap = skip(/^(?:\s*,\s*|\s+)/);
    if (index < text.length && gap === 0) throw bad();
  }
  if (constraints.length === 0) throw bad();
  return constraints;
}

function constraintOf(match: RegExpExecArray): Constraint {
  const [, operator = '', major = '', minor, patch, pre] = match;
  const isWild = (part: string | undefined): boolean =>
    part === undefined || part === '' || /^[xX*]$/.test(part);
  const given = isWild(major) ? 0 : isWild(minor) ? 1 : isWild(patch) ? 2 : 3;
  const numbers = [major, minor, patch].map((part, index) => (index < given ? part : '0'));
  const suffix = pre === undefined ? '' : `-${pre}`;
  return { operator, version: parseVersion(`${numbers.join('.')}${suffix}`), given };
}

type Check = (version: Version, constraint: Constraint) => boolean;

const same = (version: Version, wanted: Version, given: number): boolean =>
  (given < 1 || version.major === wanted.major) &&
  (given < 2 || version.minor === wanted.minor) &&
  (given < 3 || compare(version, wanted) === 0);

const tilde: Check = (version, { version: wanted, given }) => {
  if (compare(version, wanted) < 0) return false;
  if (given === 0) return true;
  const isZero = wanted.major === 0n && wanted.minor === 0n && wanted.patch === 0n;
  if (isZero && given === 3) return true;
  if (version.major !== wanted.major) return false;
  return given === 1 || version.minor === wanted.minor;
};

const caret: Check = (version, { version: wanted, given }) => {
  if (compare(version, wanted) < 0) return false;
  if (given === 0) return true;
  if (wanted.major > 0n || given === 1) return version.major === wanted.major;
  if (version.major > 0n) return false;
  if (wanted.minor > 0n || given === 2) return version.minor === wanted.minor;
  return version.minor === 0n && version.patch === wanted.patch;
};

const greater: Check = (version, { version: wanted, given }) => {
  if (given === 3) return compare(version, wanted) > 0;
  if (version.major !== wanted.major) return version.major > wanted.major;
  if (given < 2) return false;
  return version.minor > wanted.minor;
};

const lessOrEqual: Check = (version, { version: wanted, given }) => {
  if (given === 3) return compare(version, wanted) <= 0;
  if (version.major !== wanted.major) return version.major < wanted.major;
  return given < 2 || version.minor <= wanted.minor;
};

const atLeast: Check = (version, { version: wanted }) => compare(version, wanted) >= 0;
const equal: Check = (version, constraint) =>
  constraint.given === 3 ? compare(version, constraint.version) === 0 : tilde(version, constraint);

const CHECKS: Readonly<Record<string, Check>> = {
  '': equal,
  '=': equal,
  '!=': (version, { version: wanted, given }) => !same(version, wanted, given),
  '>': greater,
  '>=': atLeast,
  '=>': atLeast,
  '<': (version, { version: wanted }) => compare(version, wanted) < 0,
  '<=': lessOrEqual,
  '=<': lessOrEqual,
  '~': tilde,
  '~>': tilde,
  '^': caret,
};

function satisfies(version: Version, constraint: Constraint): boolean {
  const isExact = constraint.operator === '!=' && constraint.given === 3;
  // A constraint without pre-release never admits one, except for an exact inequality.
  if (version.pre !== '' && constraint.version.pre === '' && !isExact) return false;
  return CHECKS[constraint.operator]?.(version, constraint) ?? false;
}

/** Functions on semantic versions, with the constraint language of Masterminds/semver. */
export const semverFunctions: Readonly<Record<string, SprigFunction>> = {
  semver: (args) => {
    expectCount(args, 1);
    const version = parseVersion(textArgument(args, 0));
    return {
      Major: () => version.major,
      Minor: () => version.minor,
      Patch: () => version.patch,
      Prerelease: () => version.pre,
      Metadata: () => version.metadata,
      Original: () => version.original,
      String: () => versionText(version),
    };
  },
  semverCompare: (args) => {
    expectCount(args, 2);
    const constraints = parseConstraints(textArgument(args, 0));
    const version = parseVersion(textArgument(args, 1));
    return constraints.some((all) => all.every((constraint) => satisfies(version, constraint)));
  },
};
