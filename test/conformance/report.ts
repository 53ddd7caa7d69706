import type { Verdict } from './verdict.ts';

/** The table by feature, the failures, the skips by reason; the last line is the sum. */
export function reportLines(verdicts: readonly Verdict[]): readonly string[] {
  return [
    ...featureTable(verdicts),
    ...failureLines(verdicts),
    ...skipLines(verdicts),
    summaryLine(verdicts),
  ];
}

/** `N passed, N failed, N skipped`. */
export function summaryLine(verdicts: readonly Verdict[]): string {
  const count = (status: Verdict['status']): number =>
    verdicts.filter((verdict) => verdict.status === status).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}

function featureTable(verdicts: readonly Verdict[]): readonly string[] {
  const features = [...new Set(verdicts.map((verdict) => verdict.feature))].sort();
  const width = Math.max(7, ...features.map((feature) => feature.length));
  const lines = [`${'feature'.padEnd(width)}  passed  failed  skipped`];
  for (const feature of features) {
    const own = verdicts.filter((verdict) => verdict.feature === feature);
    const cells = (['passed', 'failed', 'skipped'] as const).map((status) =>
      String(own.filter((verdict) => verdict.status === status).length).padStart(status.length),
    );
    lines.push(`${feature.padEnd(width)}  ${cells.join('  ')}`);
  }
  return [...lines, ''];
}

function failureLines(verdicts: readonly Verdict[]): readonly string[] {
  const failures = verdicts.filter((verdict) => verdict.status === 'failed');
  if (failures.length === 0) return [];
  const lines = failures.map((verdict) => {
    const indented = (verdict.detail ?? '').split('\n').join('\n      ');
    return `  ${verdict.name} (${verdict.feature})\n      ${indented}`;
  });
  return ['failed:', ...lines, ''];
}

function skipLines(verdicts: readonly Verdict[]): readonly string[] {
  const reasons = new Map<string, string[]>();
  for (const verdict of verdicts) {
    if (verdict.status !== 'skipped') continue;
    const reason =
      verdict.skip === 'not yet' ? 'not yet' : `${verdict.skip ?? ''}: ${verdict.detail ?? ''}`;
    reasons.set(reason, [...(reasons.get(reason) ?? []), verdict.name]);
  }
  if (reasons.size === 0) return [];
  const lines = [...reasons].map(
    ([reason, names]) => `  ${names.length} × ${reason}: ${names.join(', ')}`,
  );
  return ['skipped:', ...lines, ''];
}
