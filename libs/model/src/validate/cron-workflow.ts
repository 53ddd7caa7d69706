import { compileExpr, isTimeZone, parseCron } from '@argosy/lang';
import { DEFAULT_NAMESPACE } from '../defaults/template-lookup.ts';
import { CRON_WORKFLOW_NAME_LENGTH_MAX } from '../kubernetes-names.ts';
import type { Problem } from '../problem.ts';
import type { CronWorkflow } from '../types/cron-workflow.ts';
import { createReporter, type Site, type ValidateOptions, type Validation } from './context.ts';
import { nameLengthProblems, validateSpec } from './workflow.ts';

const POLICIES = new Set(['', 'Allow', 'Forbid', 'Replace']);

/** Everything that is wrong with a CronWorkflow and the workflow in it. */
export function validateCronWorkflow(
  cron: CronWorkflow,
  options: ValidateOptions = {},
): readonly Problem[] {
  const { metadata, spec } = cron;
  const limit = { kind: 'cron workflow', lengthMax: CRON_WORKFLOW_NAME_LENGTH_MAX };
  const problems: Problem[] = [...nameLengthProblems(metadata, limit)];
  const reporter = createReporter(problems);
  const site: Site = { path: ['spec'], trail: '', isOwn: true };
  checkSchedules(reporter, site, spec.schedules ?? []);
  checkTiming(reporter, site, cron);
  const subject = {
    metadata: {
      labels: { ...metadata.labels, ...spec.workflowMetadata?.labels },
      annotations: { ...metadata.annotations, ...spec.workflowMetadata?.annotations },
    },
    spec: spec.workflowSpec ?? {},
    path: ['spec', 'workflowSpec'],
    isTemplate: false,
    isLater: true,
    namespace: metadata.namespace ?? DEFAULT_NAMESPACE,
  };
  return [...problems, ...validateSpec(subject, options)];
}

type Reporter = Pick<Validation, 'report' | 'warn'>;

function checkSchedules(reporter: Reporter, site: Site, schedules: readonly string[]): void {
  if (schedules.length === 0) {
    const message = 'cron workflow must have at least one schedule: write "schedules:" with a list';
    reporter.report(site, message);
  }
  for (const [index, schedule] of schedules.entries()) {
    const parsed = parseCron(schedule);
    if (parsed.ok) continue;
    const message = `cron schedule ${schedule} is malformed: ${parsed.error}`;
    reporter.report(site, message, 'schedules', index);
  }
}

function checkTiming(reporter: Reporter, site: Site, cron: CronWorkflow): void {
  const { timezone = '', concurrencyPolicy = '', startingDeadlineSeconds = 0 } = cron.spec;
  if (timezone !== '' && timezone !== 'Local' && !isTimeZone(timezone)) {
    const message = `invalid timezone "${timezone}": use a name such as "Europe/Paris" or "UTC"`;
    reporter.report(site, message, 'timezone');
  }
  if (!POLICIES.has(concurrencyPolicy)) {
    const message =
      `'${concurrencyPolicy}' is not a valid concurrencyPolicy: use Allow, Forbid or ` + 'Replace';
    reporter.report(site, message, 'concurrencyPolicy');
  }
  if (startingDeadlineSeconds < 0) {
    reporter.report(site, 'startingDeadlineSeconds must be positive', 'startingDeadlineSeconds');
  }
  checkStopStrategy(reporter, site, cron);
}

function checkStopStrategy(reporter: Reporter, site: Site, cron: CronWorkflow): void {
  const { stopStrategy } = cron.spec;
  if (stopStrategy === undefined) return;
  const program = compileExpr(stopStrategy.expression ?? '');
  if (program.ok) return;
  const message = `stopStrategy.expression: ${program.error.message}`;
  reporter.report(site, message, 'stopStrategy', 'expression');
}
