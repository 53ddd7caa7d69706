// Covers the reports in XML and JSON, odd characters above all. Leaves out how cases come to their results.
import { expect, it } from 'vitest';
import type { CaseResult } from './cases.ts';
import { jsonReport, junitReport } from './report.ts';

function result(changes: Partial<CaseResult> = {}): CaseResult {
  return {
    name: 'a case',
    file: 'm.yaml',
    line: 3,
    failures: [],
    warnings: [],
    tookMs: 12,
    played: {
      workflow: {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Workflow',
        metadata: { name: 'wf' },
        spec: {},
        status: { phase: 'Succeeded' },
      },
      standstill: '',
      durationMs: 90_000,
      maxParallel: 2,
      spans: new Map(),
      metrics: [],
      failures: [],
      warnings: [],
      usedMocks: new Set(),
    },
    ...changes,
  };
}

it('JUnit’s XML has a suite per file and a failure per case that failed', () => {
  const xml = junitReport([
    result(),
    result({ name: 'another', failures: ['phase: wrong', 'second'], warnings: ['look'] }),
    result({ file: 'n.yaml' }),
  ]);
  expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="argosy simulate" tests="3" failures="1" errors="0" skipped="0" time="0.036">
  <testsuite name="m.yaml" tests="2" failures="1" errors="0" skipped="0" time="0.024">
    <testcase name="a case" classname="m.yaml" file="m.yaml" line="3" time="0.012">
      <properties><property name="virtualDuration" value="1m30s"/></properties>
    </testcase>
    <testcase name="another" classname="m.yaml" file="m.yaml" line="3" time="0.012">
      <properties><property name="virtualDuration" value="1m30s"/></properties>
      <failure message="phase: wrong" type="expectation">phase: wrong&#10;second</failure>
      <system-err>look</system-err>
    </testcase>
  </testsuite>
  <testsuite name="n.yaml" tests="1" failures="0" errors="0" skipped="0" time="0.012">
    <testcase name="a case" classname="n.yaml" file="n.yaml" line="3" time="0.012">
      <properties><property name="virtualDuration" value="1m30s"/></properties>
    </testcase>
  </testsuite>
</testsuites>
`);
});

it('characters that mean something in XML are written as entities, those it cannot hold are replaced', () => {
  const xml = junitReport([result({ name: `<a & "b's">\t\u0000\u001b\ud800é🚀` })]);
  expect(xml).toContain('name="&lt;a &amp; &quot;b&apos;s&quot;&gt;&#9;\ufffd\ufffd\ufffdé🚀"');
});

it('the JSON report counts, and holds the workflow only when asked for', () => {
  const results = [result(), result({ failures: ['x'] })];
  expect(jsonReport(results, false)).toMatchObject({
    passed: 1,
    failed: 1,
    cases: [
      { name: 'a case', passed: true, phase: 'Succeeded', duration: '1m30s', maxParallel: 2 },
      { passed: false, failures: ['x'] },
    ],
  });
  expect(JSON.stringify(jsonReport(results, false))).not.toContain('"workflow"');
  expect(jsonReport([result()], true)).toMatchObject({
    cases: [{ workflow: { kind: 'Workflow' } }],
  });
});
