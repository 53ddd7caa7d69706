// The conformance runner: node test/conformance/run.ts AREA [--filter TEXT] [--json FILE]
import { writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type {
  CaseOutcome,
  ConformanceAdapter,
  ConformanceCase,
  ConformanceContext,
} from './adapter.ts';
import { readCases, readKnownCases } from './corpus.ts';
import { reportLines, summaryLine } from './report.ts';
import { judge, unknownNames, type Ended, type Verdict } from './verdict.ts';

const CASE_TIMEOUT_MS_DEFAULT = 60_000;
const HERE = dirname(fileURLToPath(import.meta.url));
const REPOSITORY = resolve(HERE, '../..');

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { filter: { type: 'string' }, json: { type: 'string' } },
    allowPositionals: true,
  });
  const area = positionals[0];
  if (area === undefined || positionals.length > 1) {
    console.error('usage: node test/conformance/run.ts AREA [--filter TEXT] [--json FILE]');
    return 2;
  }
  const corpus = resolve(REPOSITORY, process.env['CONFORMANCE_DIR'] ?? '../shared/conformance');
  const corpusDirectory = join(corpus, area);
  const cases = readCases(corpusDirectory);
  if (cases === undefined) {
    console.log(`SKIPPED: no conformance corpus for ${area} in ${corpus}.`);
    console.log('Set CONFORMANCE_DIR to the folder that holds it; nothing was checked.');
    console.log(summaryLine([]));
    return 0;
  }
  const adapter = await loadAdapter(area);
  const known = readKnownCases(HERE, area);
  const chosen = cases.filter((item) => matches(item, featureOf(adapter, item, area), values));
  const ended = await runAll(adapter, chosen, { area, corpusDirectory });
  const verdicts = ended.map((item) => judge(item, known));
  const strays = values.filter === undefined ? unknownNames(known, cases) : [];
  for (const name of strays) {
    verdicts.push({ name, feature: 'lists', status: 'failed', detail: STRAY, durationMs: 0 });
  }
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(verdicts, null, 2));
  for (const line of reportLines(verdicts)) console.log(line);
  return verdicts.some((verdict: Verdict) => verdict.status === 'failed') ? 1 : 0;
}

const STRAY = 'listed in disputed.yaml or not-yet.yaml, but no case has this name';

function matches(
  item: ConformanceCase,
  feature: string,
  options: { readonly filter?: string | undefined },
): boolean {
  const filter = options.filter ?? '';
  return item.name.includes(filter) || feature.includes(filter);
}

async function loadAdapter(area: string): Promise<ConformanceAdapter> {
  const module: unknown = await import(pathToFileURL(join(HERE, area, 'adapter.ts')).href);
  if (typeof module !== 'object' || module === null || !('adapter' in module)) {
    throw new Error(`test/conformance/${area}/adapter.ts must export "adapter"`);
  }
  return module.adapter as ConformanceAdapter;
}

function featureOf(adapter: ConformanceAdapter, item: ConformanceCase, area: string): string {
  return adapter.featureOf?.(item) ?? item.group ?? item.kind ?? area;
}

async function runAll(
  adapter: ConformanceAdapter,
  cases: readonly ConformanceCase[],
  options: { readonly area: string; readonly corpusDirectory: string },
): Promise<readonly Ended[]> {
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort(new Error('interrupted'));
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const context: ConformanceContext = {
    corpusDirectory: options.corpusDirectory,
    repositoryDirectory: REPOSITORY,
    signal: interrupted.signal,
  };
  const ended = new Array<Ended>(cases.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < cases.length && !interrupted.signal.aborted) {
      const index = next;
      next += 1;
      const conformanceCase = cases[index];
      if (conformanceCase === undefined) return;
      const feature = featureOf(adapter, conformanceCase, options.area);
      const startedMs = performance.now();
      const outcome = await runOne(adapter, conformanceCase, context);
      const durationMs = Math.round(performance.now() - startedMs);
      ended[index] = { conformanceCase, feature, outcome, durationMs };
    }
  };
  try {
    await adapter.start?.(context);
    await Promise.all(Array.from({ length: adapter.concurrency ?? 1 }, worker));
  } finally {
    await adapter.stop?.();
    process.removeListener('SIGINT', interrupt);
    process.removeListener('SIGTERM', interrupt);
  }
  if (interrupted.signal.aborted) throw new Error('interrupted');
  return ended;
}

/** One case within its time; a throw or a time-out is a failure with a message, never silence. */
async function runOne(
  adapter: ConformanceAdapter,
  conformanceCase: ConformanceCase,
  context: ConformanceContext,
): Promise<CaseOutcome> {
  const timeoutMs = adapter.caseTimeoutMs ?? CASE_TIMEOUT_MS_DEFAULT;
  const expired = new AbortController();
  const signal = AbortSignal.any([context.signal, expired.signal]);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<CaseOutcome>((resolveLate) => {
    timer = setTimeout(() => {
      expired.abort(new Error(`the case took longer than ${timeoutMs} ms`));
      resolveLate({ status: 'failed', difference: `no result within ${timeoutMs} ms` });
    }, timeoutMs);
  });
  try {
    return await Promise.race([adapter.run(conformanceCase, { ...context, signal }), late]);
  } catch (thrown) {
    const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    return { status: 'failed', difference: text };
  } finally {
    clearTimeout(timer);
  }
}

main().then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (thrown: unknown) => {
    console.error(thrown instanceof Error ? thrown.message : thrown);
    process.exitCode = 2;
  },
);
