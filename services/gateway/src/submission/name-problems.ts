import {
  dnsLabelProblem,
  dnsSubdomainProblem,
  generateName,
  type Manifest,
  type Problem,
} from '@argosy/model';

type Rule = (name: string) => string | undefined;

/** Stands for the letters that are drawn; only their number counts. */
const ANY_SUFFIX = 'xxxxx';

/**
 * What is wrong with the names of an object, by Kubernetes' rules: its API server refuses such an object before
 * Argo sees it, and here nobody else would. Capital letters are only warned of: Argo itself takes them, some of its own
 * manifests have them, and here they do no harm.
 */
export function nameProblems({ metadata }: Manifest): readonly Problem[] {
  const { name = '', namespace = '' } = metadata;
  const problems: Problem[] = [];
  const check = (field: string, value: string, rule: Rule, whole = value): void => {
    const reason = rule(whole);
    if (reason === undefined) return;
    const isOnlyCase = rule(whole.toLowerCase()) === undefined;
    const verdict = isOnlyCase ? 'would be refused by Kubernetes' : 'is not valid';
    const message = `the ${field} "${value}" ${verdict}: ${reason}`;
    const severity = isOnlyCase ? 'warning' : 'error';
    problems.push({ path: `metadata.${field}`, message, severity });
  };
  if (namespace !== '') check('namespace', namespace, dnsLabelProblem);
  if (name !== '') check('name', name, dnsSubdomainProblem);
  else if (metadata.generateName !== undefined && metadata.generateName !== '') {
    const { generateName: prefix } = metadata;
    check('generateName', prefix, dnsSubdomainProblem, generateName(prefix, ANY_SUFFIX));
  }
  return problems;
}
