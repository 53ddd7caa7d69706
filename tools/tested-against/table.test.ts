// Covers the table of what was tested against what: which suites are in it, and when the page is out of date.
// Leaves out where results and page lie.
import { expect, it } from 'vitest';
import { problemsOf, rowsOf, tableOf, type Report } from './table.ts';

const suite = (title: string, ...statuses: readonly string[]): Report => ({
  testResults: [
    { assertionResults: statuses.map((status) => ({ ancestorTitles: [title], status })) },
  ],
});

const REDIS = suite('source redis, against Redis 7.0.15', 'passed', 'passed', 'skipped');

it('a suite whose title says what it runs against has a row with its counts', () => {
  const rows = rowsOf([suite('anything else', 'passed'), REDIS]);
  expect(tableOf(rows)).toContain('| source | redis | Redis 7.0.15 | 2 passed, 1 skipped |');
  expect(rows).toHaveLength(1);
});

it('a suite that failed is said to have failed', () => {
  const rows = rowsOf([suite('trigger email, against SMTP', 'failed')]);
  expect(tableOf(rows)).toContain('| trigger | email | SMTP | 0 passed, 1 failed |');
});

it('a page may be of another version of the server, and of another number of tests', () => {
  const page = tableOf(rowsOf([suite('source redis, against Redis 6.2.1', 'passed')]));
  expect(problemsOf(page, rowsOf([REDIS]))).toEqual([]);
});

it('a suite that the page lacks and one that was not run are problems', () => {
  const page = tableOf(rowsOf([suite('source mqtt, against Mosquitto 2.0', 'passed')]));
  expect(problemsOf(page, rowsOf([REDIS]))).toEqual([
    'the table lacks: source redis Redis',
    'the table has what was not run: source mqtt Mosquitto',
  ]);
});

it('a suite that was skipped as a whole was not run', () => {
  const skipped = rowsOf([suite('source redis, against Redis', 'skipped')]);
  expect(problemsOf(tableOf(skipped), skipped)).toEqual([
    'the table has what was not run: source redis Redis',
  ]);
});
