/**
 * Whether a subject matches a pattern of NATS: `*` stands for one token, a final `>` for one or
 * more.
 * https://docs.nats.io/nats-concepts/subjects
 */
export function subjectMatches(pattern: string, subject: string): boolean {
  if (pattern === subject || pattern === '>') return true;
  const wanted = pattern.split('.');
  const tokens = subject.split('.');
  for (let index = 0; index < wanted.length; index += 1) {
    const token = tokens[index];
    if (token === undefined) return false;
    if (wanted[index] === '>') return true;
    if (wanted[index] !== '*' && wanted[index] !== token) return false;
  }
  return wanted.length === tokens.length;
}

/** Whether two patterns have a subject in common; work-queue consumers must not. */
export function patternsOverlap(left: string, right: string): boolean {
  const a = left.split('.');
  const b = right.split('.');
  const length = Math.max(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    if (a[index] === '>' || b[index] === '>')
      return a[index] !== undefined && b[index] !== undefined;
    if (a[index] === undefined || b[index] === undefined) return false;
    if (a[index] !== '*' && b[index] !== '*' && a[index] !== b[index]) return false;
  }
  return true;
}

/** A subject to publish to: tokens without white space or wildcards, none empty. */
export function isPublishSubject(subject: string): boolean {
  return /^[^\s.*>]+(\.[^\s.*>]+)*$/.test(subject);
}
