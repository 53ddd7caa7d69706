/** Kubernetes' bounds on names, in characters. */
export const DNS_LABEL_LENGTH_MAX = 63;
export const DNS_SUBDOMAIN_LENGTH_MAX = 253;
/** Names of workflows become labels, so they are bounded like these. */
export const WORKFLOW_NAME_LENGTH_MAX = 63;
/** Room is kept for `-` and the ten digits of the time that runs of a CronWorkflow end in. */
export const CRON_WORKFLOW_NAME_LENGTH_MAX = 52;
export const LABEL_VALUE_LENGTH_MAX = 63;
export const LABEL_NAME_LENGTH_MAX = 63;

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_TEXT = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** What is wrong with a DNS-1123 label (names of namespaces and containers), or undefined. */
export function dnsLabelProblem(name: string): string | undefined {
  if (name.length > DNS_LABEL_LENGTH_MAX) return tooLong(DNS_LABEL_LENGTH_MAX);
  if (DNS_LABEL.test(name)) return undefined;
  return (
    'it must consist of lower-case letters, digits and "-", with a letter or digit ' +
    'at both ends'
  );
}

/** What is wrong with a DNS-1123 subdomain (names of most objects), or undefined. */
export function dnsSubdomainProblem(name: string): string | undefined {
  if (name.length > DNS_SUBDOMAIN_LENGTH_MAX) return tooLong(DNS_SUBDOMAIN_LENGTH_MAX);
  if (DNS_SUBDOMAIN.test(name)) return undefined;
  return (
    'it must consist of lower-case letters, digits, "-" and ".", with a letter or ' +
    'digit at both ends'
  );
}

const LABEL_RULE =
  'it must consist of letters, digits, "-", "_" and ".", with a letter or digit at both ends';

/** What is wrong with the value of a label, or undefined. */
export function labelValueProblem(value: string): string | undefined {
  if (value.length > LABEL_VALUE_LENGTH_MAX) return tooLong(LABEL_VALUE_LENGTH_MAX);
  if (value === '' || LABEL_TEXT.test(value)) return undefined;
  return LABEL_RULE;
}

/** What is wrong with the key of a label (`name` or `prefix/name`), or undefined. */
export function labelKeyProblem(key: string): string | undefined {
  const slash = key.indexOf('/');
  const prefix = slash === -1 ? undefined : key.slice(0, slash);
  const name = key.slice(slash + 1);
  if (prefix !== undefined && dnsSubdomainProblem(prefix) !== undefined) {
    return `the part before "/" is no DNS name: ${dnsSubdomainProblem(prefix) ?? ''}`;
  }
  if (name.length > LABEL_NAME_LENGTH_MAX) return tooLong(LABEL_NAME_LENGTH_MAX);
  if (LABEL_TEXT.test(name)) return undefined;
  return LABEL_RULE;
}

function tooLong(lengthMax: number): string {
  return `it must not be more than ${lengthMax} characters long`;
}

/**
 * Characters of generated names: Kubernetes' choice, which spells no words and mistakes no
 * letters.
 */
export const NAME_SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
export const NAME_SUFFIX_LENGTH = 5;

/**
 * The suffix of a generated name from random numbers in [0, 1), one per character.
 * @throws RangeError when there are too few.
 */
export function nameSuffix(randoms: readonly number[]): string {
  if (randoms.length < NAME_SUFFIX_LENGTH) {
    throw new RangeError(`a name suffix needs ${NAME_SUFFIX_LENGTH} random numbers`);
  }
  const letters = randoms.slice(0, NAME_SUFFIX_LENGTH).map((random) => {
    const index = Math.floor(random * NAME_SUFFIX_ALPHABET.length);
    return NAME_SUFFIX_ALPHABET.charAt(Math.min(index, NAME_SUFFIX_ALPHABET.length - 1));
  });
  return letters.join('');
}

/** `generateName` plus suffix; a prefix that is too long is cut so that the name fits. */
export function generateName(
  prefix: string,
  randomSuffix: string,
  lengthMax: number = WORKFLOW_NAME_LENGTH_MAX,
): string {
  return prefix.slice(0, Math.max(lengthMax - randomSuffix.length, 0)) + randomSuffix;
}
