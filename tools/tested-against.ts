// Writes docs/reference/tested-against.md: which event source and which trigger was tested against what, from
// the results of the last `npm test`. Suites say it in their titles: `source redis, against Redis 7.0.15`,
// `trigger email, against a stand-in that speaks SMTP`. `--check` writes nothing; it fails when a suite of the
// last run is not in the table, or the table has one that was not run or did not pass. Versions may differ.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { problemsOf, rowsOf, tableOf, type Report } from './tested-against/table.ts';

const root = join(import.meta.dirname, '..');
const page = join(root, 'docs', 'reference', 'tested-against.md');
const BEGIN = '<!-- made by `npm run tested-against` -->\n';
const isCheck = process.argv.includes('--check');

function reportOf(suite: string): Report {
  const path = join(root, 'node_modules', '.argosy-results', `${suite}.json`);
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report;
  } catch (cause) {
    throw new Error(`no results of the ${suite} suite: run npm test first`, { cause });
  }
}

const text = readFileSync(page, 'utf8');
const [head = ''] = text.split(BEGIN);
const rows = rowsOf([reportOf('unit'), reportOf('integration')]);
const problems = isCheck ? problemsOf(text, rows) : [];
if (!isCheck) {
  const options = { ...(await resolveConfig(page)), filepath: page };
  writeFileSync(
    page,
    await format(
      `${head}${BEGIN}
${tableOf(rows)}`,
      options,
    ),
  );
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0) process.stderr.write('run: npm run tested-against\n');
process.stdout.write(`tested against: ${rows.length} suites\n`);
process.exitCode = problems.length > 0 ? 1 : 0;
