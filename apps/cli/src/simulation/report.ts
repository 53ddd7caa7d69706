import { formatGoDuration } from '@argosy/base';
import type { CaseResult } from './cases.ts';

/** Counts of a simulation. */
export interface Totals {
  readonly cases: number;
  readonly failed: number;
}

export function totalsOf(results: readonly CaseResult[]): Totals {
  return { cases: results.length, failed: results.filter(isFailed).length };
}

export function isFailed({ failures }: CaseResult): boolean {
  return failures.length > 0;
}

/** The report for programs; with the whole workflows when asked for. */
export function jsonReport(results: readonly CaseResult[], isWhole: boolean): unknown {
  const { cases, failed } = totalsOf(results);
  return {
    passed: cases - failed,
    failed,
    cases: results.map((result) => ({
      name: result.name,
      file: result.file,
      line: result.line,
      passed: !isFailed(result),
      failures: result.failures,
      warnings: result.warnings,
      phase: result.played.workflow.status?.phase ?? '',
      message: result.played.workflow.status?.message ?? '',
      duration: formatGoDuration(result.played.durationMs),
      maxParallel: result.played.maxParallel,
      ...(isWhole ? { workflow: result.played.workflow } : {}),
    })),
  };
}

/**
 * The report in the form of JUnit's XML as CI systems read it: a suite per file, a case per case. `time` is what
 * playing took, in seconds; the virtual time is a property.
 */
export function junitReport(results: readonly CaseResult[]): string {
  const files = [...new Set(results.map(({ file }) => file))];
  const suites = files.map((file) =>
    junitSuite(
      file,
      results.filter((each) => each.file === file),
    ),
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="argosy simulate" ${counts(results)}>`,
    ...suites,
    '</testsuites>\n',
  ].join('\n');
}

function counts(results: readonly CaseResult[]): string {
  const { cases, failed } = totalsOf(results);
  const tookMs = results.reduce((sum, result) => sum + result.tookMs, 0);
  return `tests="${cases}" failures="${failed}" errors="0" skipped="0" time="${seconds(tookMs)}"`;
}

function junitSuite(file: string, results: readonly CaseResult[]): string {
  return [
    `  <testsuite name="${escaped(file)}" ${counts(results)}>`,
    ...results.map(junitCase),
    '  </testsuite>',
  ].join('\n');
}

function junitCase(result: CaseResult): string {
  const { name, file, line, tookMs, failures, warnings, played } = result;
  const [first] = failures;
  const virtual = formatGoDuration(played.durationMs);
  return [
    `    <testcase name="${escaped(name)}" classname="${escaped(file)}" file="${escaped(file)}" ` +
      `line="${line}" time="${seconds(tookMs)}">`,
    `      <properties><property name="virtualDuration" value="${virtual}"/></properties>`,
    ...(first === undefined
      ? []
      : [
          `      <failure message="${escaped(first)}" type="expectation">` +
            `${escaped(failures.join('\n'))}</failure>`,
        ]),
    ...(warnings.length === 0
      ? []
      : [`      <system-err>${escaped(warnings.join('\n'))}</system-err>`]),
    '    </testcase>',
  ].join('\n');
}

function seconds(durationMs: number): string {
  return (durationMs / 1_000).toFixed(3);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // In attributes a bare line break or tab would be read as a blank.
  '\n': '&#10;',
  '\t': '&#9;',
  '\r': '&#13;',
};

/** Text for an attribute or an element; characters that XML 1.0 has no form for become U+FFFD. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replaceAll(/[&<>"'\n\t\r]/g, (character) => ENTITIES[character] ?? character);
}
