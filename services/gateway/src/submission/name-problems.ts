import {
  dnsLabelProblem,
  dnsSubdomainProblem,
  generateName,
  type Manifest,
  type Problem,
} from '@argosy/model';

/** Stands for the letters that are drawn; only their number counts. */
const ANY_SUFFIX = 'xxxxx';

/**
 * What is wrong with the names of an object, by Kubernetes' rules: its API server refuses such an object before
 * Argo sees it, and here nobody else would.
 */
export function nameProblems({ metadata }: Manifest): readonly Problem[] {
  const { name = '', namespace = '' } = metadata;
  const problems: Problem[] = [];
  const check = (field: string, value: string, reason: string | undefined): void => {
    if (reason === undefined) return;
    const message = `the ${field} "${value}" is not valid: ${reason}`;
    problems.push({ path: `metadata.${field}`, message, severity: 'error' });
  };
  if (namespace !== '') check('namespace', namespace, dnsLabelProblem(namespace));
  if (name !== '') check('name', name, dnsSubdomainProblem(name));
  else if (metadata.generateName !== undefined && metadata.generateName !== '') {
    const { generateName: prefix } = metadata;
    check('generateName', prefix, dnsSubdomainProblem(generateName(prefix, ANY_SUFFIX)));
  }
  return problems;
}
