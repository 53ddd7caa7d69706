/** The part of a report of vitest that is read here. */
export interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly status: string;
    }[];
  }[];
}

/** What one kind of source or trigger was tested against. */
export interface Row {
  readonly what: 'source' | 'trigger';
  readonly kind: string;
  readonly server: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const TITLE = /^(source|trigger) (\w+), against (.+)$/;

/** The rows of all suites whose titles say what they were run against, by kind. */
export function rowsOf(reports: readonly Report[]): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const { ancestorTitles, status } of reports.flatMap(assertions)) {
    const match = ancestorTitles.map((title) => TITLE.exec(title)).find((found) => found !== null);
    if (match === undefined || match === null) continue;
    const [title, what, kind = '', server = ''] = match;
    const row = rows.get(title) ?? {
      what: what === 'source' ? 'source' : 'trigger',
      kind,
      server,
      passed: 0,
      failed: 0,
      skipped: 0,
    };
    const [passed, failed] = [Number(status === 'passed'), Number(status === 'failed')];
    rows.set(title, {
      ...row,
      passed: row.passed + passed,
      failed: row.failed + failed,
      skipped: row.skipped + 1 - passed - failed,
    });
  }
  const order = ({ what, kind, server }: Row): string => `${what} ${kind} ${server}`;
  return Array.from(rows.values()).sort((one, other) => (order(one) < order(other) ? -1 : 1));
}

function assertions(report: Report): Report['testResults'][number]['assertionResults'] {
  return report.testResults.flatMap(({ assertionResults }) => assertionResults);
}

/** The table as Markdown. A suite that was skipped or failed is said to be so, not left out. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ what, kind, server, passed, failed, skipped }) => {
    const trouble = [
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ];
    const tests = [`${passed} passed`, ...trouble].join(', ');
    return `| ${what} | ${kind} | ${server} | ${tests} |`;
  });
  return [
    '| what | kind | tested against | tests |',
    '| --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}

/** What keeps the page from saying what the last run showed; versions and numbers of tests may differ. */
export function problemsOf(page: string, rows: readonly Row[]): readonly string[] {
  const said = new Set(
    page
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .filter(([, what]) => what === 'source' || what === 'trigger')
      .map(([, what, kind, server]) => keyOf(`${what} ${kind} ${server}`)),
  );
  const shown = new Map(
    rows.map((row) => [keyOf(`${row.what} ${row.kind} ${row.server}`), row] as const),
  );
  return [
    ...Array.from(shown.keys())
      .filter((key) => !said.has(key))
      .map((key) => `the table lacks: ${key}`),
    ...Array.from(said)
      .filter((key) => (shown.get(key)?.passed ?? 0) === 0)
      .map((key) => `the table has what was not run: ${key}`),
  ];
}

/** Without digits, because versions differ from machine to machine. */
function keyOf(text: string): string {
  return text.replaceAll(/[\d.]+/g, '').trim();
}
