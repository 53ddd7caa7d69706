// The pure cases of CronWorkflows: the decider alone, at an instant that the case names.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decideCron, type CronDecision } from '@argosy/core-workflow';
import { parseManifests, type CronWorkflow } from '@argosy/model';
import { failed, passed, type CaseOutcome } from '../adapter.ts';
import type { WorkflowCase } from './case.ts';

/** Some full minute, at which an hour begins, too. */
const MINUTE_START = Date.parse('2020-02-28T20:00:00Z');
const MINUTE_MS = 60_000;
const LAST_USED = 'cronworkflows.argoproj.io/last-used-schedule';

interface CronSimulation {
  readonly clock: string;
  readonly lastScheduledTime?: string;
  readonly startingDeadlineSeconds?: number;
  readonly lastUsedSchedule?: string;
}

interface CronFacts {
  readonly children?: number;
  readonly childAnnotation?: string;
  readonly missedRun?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Judges one case with `simulate` and `expect.cron`. */
export function runCronSimulation(
  given: WorkflowCase,
  context: { readonly corpusDirectory: string },
): CaseOutcome {
  const text = readFileSync(join(context.corpusDirectory, given.file), 'utf8');
  const manifest = parseManifests(text).manifests[0]?.manifest;
  if (manifest?.kind !== 'CronWorkflow') return failed('the file holds no CronWorkflow');
  const decision = play(manifest, given.simulate as CronSimulation);
  const difference =
    typeof decision === 'string' ? decision : differenceOf(decision, given.expect.cron);
  return difference === undefined ? passed : failed(difference);
}

/** What is decided at the moment of the case, or why that is not known. */
function play(cron: CronWorkflow, simulation: CronSimulation): CronDecision | string {
  const decide = (of: CronWorkflow, at: number, since?: number): CronDecision =>
    decideCron(
      { cron: of, children: [] },
      { at, localZone: 'UTC', ...(since === undefined ? {} : { since }) },
    );
  const { clock } = simulation;
  if (/^one tick/.test(clock)) return decide(cron, MINUTE_START, MINUTE_START - 1);
  if (clock === 'at creation') return decide(cron, MINUTE_START);
  if (clock !== '30 s past the minute') return `the clock "${clock}" is not known`;
  const at = MINUTE_START + MINUTE_MS / 2;
  // An earlier decision notes the schedule in use; the case then changes it, or not.
  const noted = decide({ ...cron, status: {} }, MINUTE_START - MINUTE_MS).cron;
  const { lastUsedSchedule = 'same', startingDeadlineSeconds } = simulation;
  const used = lastUsedSchedule === 'same' ? {} : { [LAST_USED]: lastUsedSchedule };
  const known: CronWorkflow = {
    ...noted,
    metadata: { ...noted.metadata, annotations: { ...noted.metadata.annotations, ...used } },
    spec: {
      ...noted.spec,
      ...(startingDeadlineSeconds === undefined ? {} : { startingDeadlineSeconds }),
    },
    status: { lastScheduledTime: new Date(at - MINUTE_MS).toISOString() },
  };
  return decide(known, at);
}

function differenceOf(decision: CronDecision, expected: unknown): string | undefined {
  const facts = expected as CronFacts;
  return (
    childDifference(decision, facts) ??
    annotationDifference(decision, facts) ??
    missedDifference(decision, facts)
  );
}

function childDifference({ submit }: CronDecision, facts: CronFacts): string | undefined {
  const children = submit === undefined ? 0 : 1;
  if (facts.children !== undefined && facts.children !== children) {
    return `children: expected ${facts.children}, found ${children}`;
  }
  if (facts.childAnnotation === undefined) return undefined;
  const found = submit?.workflow.metadata.annotations?.[facts.childAnnotation];
  return found === undefined ? `childAnnotation: ${facts.childAnnotation} is not set` : undefined;
}

function annotationDifference({ cron }: CronDecision, facts: CronFacts): string | undefined {
  const missing = Object.keys(facts.annotations ?? {}).find(
    (name) => cron.metadata.annotations?.[name] === undefined,
  );
  return missing === undefined ? undefined : `annotations: ${missing} is not set`;
}

function missedDifference({ submit }: CronDecision, facts: CronFacts): string | undefined {
  if (facts.missedRun === undefined) return undefined;
  const wanted = facts.missedRun === 'none' ? undefined : MINUTE_START;
  if (submit?.instantMs === wanted) return undefined;
  return `missedRun: expected ${facts.missedRun}, found ${String(submit?.instantMs)}`;
}
