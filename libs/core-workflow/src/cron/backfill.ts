import { err, ok, type Result, timeText } from '@argosy/base';
import { formatGoTime, zoneOf } from '@argosy/lang';
import { WORKFLOW_NAME_LENGTH_MAX } from '@argosy/model';
import type { CronWorkflow, Workflow, WorkflowSpec } from '@argosy/model';
import { bareWorkflow } from './child.ts';
import { CRON_LABEL } from './keys.ts';
import { nextInstant, timetableOf, type Timetable } from './timetable.ts';

/** Says from which CronWorkflow a run makes up the past. */
export const CRON_BACKFILL_LABEL = 'workflows.argoproj.io/cron-workflow-backfill';

/** Which instants of the past are to be run. Times in milliseconds since 1970. */
export interface Backfill {
  /** Part of the names of the runs: the same backfill again makes the same names. */
  readonly name: string;
  /** Instants after this one … */
  readonly startMs: number;
  /** … and up to this one. */
  readonly endMs: number;
  /** The workflow argument that gets the instant. */
  readonly argumentName: string;
  /** All at once; else one after the other, by a mutex of the backfill's name. */
  readonly isParallel: boolean;
  /** Most instants; more are refused. */
  readonly countMax: number;
}

/** Go's way to print a time, which Argo gives to the runs. */
const TIME_LAYOUT = '2006-01-02 15:04:05 -0700 MST';

/** Before all runs that are not part of a backfill, as with Argo. */
const PRIORITY = 2_147_483_647;

/**
 * The workflows of a backfill, by time. They do not carry the label of the CronWorkflow's own runs: its policies and
 * history limits are for those.
 * @returns why there are none: no valid schedule, too many instants.
 */
export function backfillWorkflows(
  cron: CronWorkflow,
  backfill: Backfill,
  localZone: string,
): Result<readonly Workflow[], string> {
  const timetable = timetableOf(cron, localZone);
  if (!timetable.ok) return timetable;
  const instants: number[] = [];
  let at = nextInstant(timetable.value, backfill.startMs);
  while (at !== undefined && at <= backfill.endMs) {
    if (instants.length === backfill.countMax) {
      return err(
        `there are more than ${backfill.countMax} instants in this time: ` +
          'choose a shorter one or allow more',
      );
    }
    instants.push(at);
    at = nextInstant(timetable.value, at);
  }
  return ok(instants.map((instant) => workflowAt(cron, backfill, instant, timetable.value)));
}

function workflowAt(
  cron: CronWorkflow,
  backfill: Backfill,
  instantMs: number,
  timetable: Timetable,
): Workflow {
  const { name = '', namespace } = cron.metadata;
  const bare = bareWorkflow(cron, timeText(instantMs));
  const { [CRON_LABEL]: _own, ...labels } = bare.metadata.labels ?? {};
  const suffix = `-${Math.floor(instantMs / 1_000)}`;
  const prefix = `${name}-backfill-${backfill.name.toLowerCase()}`;
  return {
    ...bare,
    metadata: {
      ...bare.metadata,
      name: `${prefix.slice(0, WORKFLOW_NAME_LENGTH_MAX - suffix.length)}${suffix}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...labels, [CRON_BACKFILL_LABEL]: name },
    },
    spec: specWith(bare.spec, backfill, instantText(instantMs, timetable)),
  };
}

function instantText(instantMs: number, { timeZone }: Timetable): string {
  const zone = zoneOf(timeZone) ?? zoneOf('UTC');
  return zone === undefined ? timeText(instantMs) : formatGoTime(TIME_LAYOUT, instantMs, zone);
}

function specWith(spec: WorkflowSpec, backfill: Backfill, value: string): WorkflowSpec {
  const { argumentName, isParallel, name } = backfill;
  const given = spec.arguments?.parameters ?? [];
  const others = given.filter((parameter) => parameter.name !== argumentName);
  const mutexes = [...(spec.synchronization?.mutexes ?? []), { name }];
  return {
    ...spec,
    arguments: { ...spec.arguments, parameters: [...others, { name: argumentName, value }] },
    ...(isParallel
      ? {}
      : { priority: PRIORITY, synchronization: { ...spec.synchronization, mutexes } }),
  };
}
