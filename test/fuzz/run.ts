// Compares the small languages with the Go libraries that Argo uses, on inputs made at random.
//   npm run fuzz                                  half a minute, shared by all languages
//   npm run fuzz -- --seconds N [--seed S] [--language NAME]
//                                                 expr, when, cron, gjson, printf, durations, labels, jsonpath
// Prints the first differences with the seed that makes them; ends with `N passed, N failed, N skipped`
// and exits 1 on a difference. Needs Go, and says so loudly where there is none.
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../simulation/random.ts';
import type { Answer, Language, Question } from './language.ts';
import { languages } from './languages/index.ts';
import { goVersion, startOracle, type Oracle } from './oracle.ts';

const SECONDS_DEFAULT = 30;
/** Questions asked at a time; each batch has a seed of its own. */
const BATCH_SIZE = 200;
/** Differences shown of each language. */
const SHOWN_MAX = 10;
/** Differences after which a language is looked at no further. */
const FAILED_MAX = 40;
const MS_PER_SECOND = 1000;

interface Counts {
  passed: number;
  failed: number;
  /** Where a difference is meant. */
  skipped: number;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

interface Comparison {
  readonly language: Language;
  readonly oracle: Oracle;
  readonly given: Readonly<Record<string, unknown>>;
}

/** One batch: the questions of a seed. */
async function compareBatch(comparison: Comparison, seed: number, counts: Counts): Promise<void> {
  const { language, oracle, given } = comparison;
  const random = createRandom(seed, language.name);
  const questions = Array.from({ length: BATCH_SIZE }, () => language.question(random));
  const answers = await oracle.ask(questions);
  for (const [index, question] of questions.entries()) {
    const recorded = answers[index] ?? {};
    const go = language.normalize?.(recorded) ?? recorded;
    const here = language.answer(question, given);
    if (isSame(go, here)) counts.passed += 1;
    else if (language.isMeant?.(question, go, here) === true) counts.skipped += 1;
    else tell(language, seed, { question, go, here }, counts);
  }
}

/** Words of errors are each side's own. */
function isSame(go: Answer, here: Answer): boolean {
  if (go.x !== undefined || here.x !== undefined) return go.x !== undefined && here.x !== undefined;
  return isDeepStrictEqual(go.r ?? null, here.r ?? null) && go.text === here.text;
}

function tell(
  language: Language,
  seed: number,
  difference: { readonly question: Question; readonly go: Answer; readonly here: Answer },
  counts: Counts,
): void {
  counts.failed += 1;
  if (counts.failed > SHOWN_MAX) return;
  const { language: _, source, ...rest } = difference.question;
  say(`\n${language.name}: ${source}   (--seed ${seed})`);
  if (Object.keys(rest).length > 0) say(`  on    ${JSON.stringify(rest)}`);
  say(`  Go    ${JSON.stringify(difference.go)}`);
  say(`  here  ${JSON.stringify(difference.here)}`);
}

async function compare(comparison: Comparison, seed: number, untilMs: number): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  // At least one batch, so that a seed can be repeated with no time at all.
  for (let batch = 0; batch === 0 || Date.now() < untilMs; batch += 1) {
    await compareBatch(comparison, seed + batch, counts);
    if (counts.failed >= FAILED_MAX) break;
  }
  const { passed, failed, skipped } = counts;
  say(
    `${comparison.language.name}: ${passed} alike, ${failed} different, ${skipped} meant to differ`,
  );
  return counts;
}

async function givenBy(oracle: Oracle, folder: string): Promise<Readonly<Record<string, unknown>>> {
  if (folder === 'go-fixtures') return {};
  const [given] = await oracle.ask([{ language: 'given', source: '' }]);
  return given as Readonly<Record<string, unknown>>;
}

async function compareAll(
  chosen: readonly Language[],
  options: { readonly seed: number; readonly seconds: number },
): Promise<Counts> {
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  const into = mkdtempSync(join(tmpdir(), 'argosy-fuzz-'));
  try {
    for (const language of chosen) {
      await using oracle = startOracle(language.oracle, into);
      const given = await givenBy(oracle, language.oracle);
      const untilMs = Date.now() + (options.seconds * MS_PER_SECOND) / chosen.length;
      const counts = await compare({ language, oracle, given }, options.seed, untilMs);
      total.passed += counts.passed;
      total.failed += counts.failed;
      total.skipped += counts.skipped;
    }
  } finally {
    rmSync(into, { recursive: true, force: true });
  }
  return total;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string' },
      seed: { type: 'string' },
      language: { type: 'string' },
    },
  });
  const seconds = Number(values.seconds ?? SECONDS_DEFAULT);
  const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
  const chosen =
    values.language === undefined ? Object.values(languages).flat() : languages[values.language];
  if (chosen === undefined || !Number.isFinite(seconds) || !Number.isSafeInteger(seed)) {
    say(`use --seconds N, --seed S, --language ${Object.keys(languages).join('|')}`);
    return 2;
  }
  const go = goVersion();
  if (go === undefined) {
    say(
      'NOTHING WAS COMPARED: Go is not installed, and its libraries are what this compares with.',
    );
    say('Install Go 1.25 or newer (https://go.dev/dl) and run it again.');
    return 1;
  }
  say(`${go}; seed ${seed}`);
  const { passed, failed, skipped } = await compareAll(chosen, { seed, seconds });
  say(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
