import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ArgosyError, formatGoDuration } from '@argosy/base';
import { playCases, type CaseOptions, type CaseResult } from '../simulation/cases.ts';
import type { Setting } from '../simulation/format.ts';
import { readManifests } from '../simulation/manifests.ts';
import { readSimulation, type SimulationText } from '../simulation/read.ts';
import { isFailed, jsonReport, junitReport, totalsOf } from '../simulation/report.ts';
import { formatObject, type OutputFormat } from '../view/output.ts';
import { workflowView } from '../view/workflow-view.ts';
import { EXIT, parseAssignments, type CommandContext, type GlobalOptions } from './context.ts';
import { readManifestTexts } from './files.ts';

export interface SimulateFlags {
  readonly mock?: readonly string[];
  readonly templates?: readonly string[];
  readonly from?: string;
  readonly parameter?: readonly string[];
  readonly case?: string;
  readonly strict?: boolean;
  readonly report?: readonly string[];
  readonly output?: OutputFormat;
}

/**
 * `argosy simulate FILE… --mock MOCKS`: plays workflows on the real engine in virtual time. 0: every expectation
 * holds; 1: one does not; 2: a file is unusable.
 */
export async function simulateCommand(
  context: CommandContext,
  files: readonly string[],
  options: GlobalOptions & SimulateFlags,
): Promise<number> {
  const reports = (options.report ?? []).map(readReport);
  const results: CaseResult[] = [];
  for (const simulation of await readMocks(context, options.mock ?? [])) {
    results.push(...(await playFile(context, simulation, { files, options })));
  }
  if (results.length === 0) {
    throw new ArgosyError('INVALID_ARGUMENT', `no case has "${options.case ?? ''}" in its name`);
  }
  print(context, results, options.output ?? 'table');
  for (const report of reports) await writeReport(report, results);
  return results.some(isFailed) ? EXIT.failed : EXIT.ok;
}

async function readMocks(
  context: CommandContext,
  files: readonly string[],
): Promise<readonly SimulationText[]> {
  if (files.length === 0) return [readSimulation('', '{}')];
  const texts = await readManifestTexts(context, files);
  return texts.map(({ file, text }) => readSimulation(file, text));
}

async function playFile(
  context: CommandContext,
  simulation: SimulationText,
  given: { readonly files: readonly string[]; readonly options: GlobalOptions & SimulateFlags },
): Promise<readonly CaseResult[]> {
  const { files, options } = given;
  const beside = (simulation.content.manifests ?? []).map((file) =>
    join(dirname(simulation.file), file),
  );
  const all = [...files, ...(options.templates ?? []), ...beside];
  if (all.length === 0) {
    const message = 'nothing to simulate: name a file, or manifests in the mocks file';
    throw new ArgosyError('INVALID_ARGUMENT', message);
  }
  const manifests = readManifests(await readManifestTexts(context, all));
  return playCases(simulation, manifests, {
    overrides: overridesOf(options),
    namespace: options.namespace,
    ...(options.case === undefined ? {} : { filter: options.case }),
    nowMs: () => performance.now(),
  } satisfies CaseOptions);
}

function overridesOf(options: SimulateFlags): Setting {
  const { from, strict, parameter } = options;
  return {
    ...(from === undefined ? {} : { from }),
    ...(strict === undefined ? {} : { strict }),
    ...(parameter === undefined ? {} : { parameters: parseAssignments(parameter, '--parameter') }),
  };
}

interface Report {
  readonly form: 'junit' | 'json';
  readonly file: string;
}

/** `junit=FILE` or `json=FILE`. @throws ArgosyError INVALID_ARGUMENT */
function readReport(text: string): Report {
  const match = /^(junit|json)=(.+)$/.exec(text);
  if (match === null) {
    const message = `--report takes junit=FILE or json=FILE, not "${text}"`;
    throw new ArgosyError('INVALID_ARGUMENT', message);
  }
  return { form: match[1] as Report['form'], file: match[2] ?? '' };
}

/** @throws ArgosyError INVALID_ARGUMENT when the file cannot be written. */
async function writeReport({ form, file }: Report, results: readonly CaseResult[]): Promise<void> {
  const json = (): string => `${formatObject(jsonReport(results, false), 'json')}\n`;
  try {
    await writeFile(file, form === 'junit' ? junitReport(results) : json());
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new ArgosyError('INVALID_ARGUMENT', `the report cannot be written: ${reason}`, { cause });
  }
}

function print(
  context: CommandContext,
  results: readonly CaseResult[],
  format: OutputFormat,
): void {
  const { stdout, notices } = context;
  if (format === 'json' || format === 'yaml') {
    stdout.write(`${formatObject(jsonReport(results, true), format)}\n`);
    return;
  }
  const isOne = results.length === 1;
  for (const result of results) {
    // Of many cases only those are shown whole that somebody has to look at.
    if (isOne || isFailed(result) || format === 'wide')
      stdout.write(`${tree(context, result)}\n\n`);
    for (const warning of result.warnings) notices.print(`warning: ${result.name}: ${warning}`);
    stdout.write(`${verdict(context, result)}\n`);
  }
  const { cases, failed } = totalsOf(results);
  if (!isOne) stdout.write(`\n${cases - failed} passed, ${failed} failed\n`);
}

function tree({ style }: CommandContext, { played }: CaseResult): string {
  const { workflow } = played;
  const nowMs = Date.parse(workflow.metadata.creationTimestamp ?? '') + played.durationMs;
  return workflowView(workflow, { nowMs, style });
}

function verdict({ style }: CommandContext, result: CaseResult): string {
  const { played, failures, name, file, line } = result;
  const phase = isFailed(result) ? 'Failed' : 'Succeeded';
  const word = style.phase(phase, isFailed(result) ? 'FAILED' : 'passed');
  const facts = `${formatGoDuration(played.durationMs)}, at most ${played.maxParallel} at once`;
  const place = isFailed(result) && file !== '' ? ` ${file}:${line}` : '';
  return [`${word} ${name} (${facts})${place}`, ...failures.map((each) => `  ${each}`)].join('\n');
}
