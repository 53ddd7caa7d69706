// Covers the rules of CronWorkflows: instants, missed runs, policies, counting, history limits, conditions. Leaves out
// the shell that keeps time, submits and stores (services/scheduler/src/cron) and the syntax of schedules (libs/lang).
import type { CronWorkflow, CronWorkflowSpec, CronWorkflowStatus } from '@argosy/model';
import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../summary.ts';
import { childName, childUid, CRON_LABEL, LAST_USED_SCHEDULE, SCHEDULED_TIME } from './keys.ts';
import { decideCron, resumedCron, withSubmissionError, type CronDecision } from './machine.ts';
import { nextInstant, scheduleText, timetableOf } from './timetable.ts';

const NOON = Date.parse('2026-03-10T12:00:00Z');
const MINUTE = 60_000;
const workflowSpec = { entrypoint: 'main', templates: [{ name: 'main', suspend: {} }] };

function cronOf(spec: Partial<CronWorkflowSpec> = {}, status?: CronWorkflowStatus): CronWorkflow {
  const whole = { schedules: ['* * * * *'], workflowSpec, ...spec };
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'CronWorkflow',
    metadata: {
      name: 'hello',
      namespace: 'default',
      uid: 'c1',
      creationTimestamp: '2026-03-10T11:00:00Z',
      annotations: { [LAST_USED_SCHEDULE]: scheduleText(whole) },
    },
    spec: whole,
    ...(status === undefined ? {} : { status }),
  };
}

function childOf(
  cron: CronWorkflow,
  instant: number,
  fields: Partial<RunSummary> = {},
): RunSummary {
  return {
    uid: childUid(cron.metadata, instant),
    name: childName('hello', instant),
    namespace: 'default',
    phase: 'Running',
    message: '',
    createdAt: new Date(instant).toISOString(),
    progress: '0/1',
    labels: { [CRON_LABEL]: 'hello' },
    ...fields,
  };
}

const ended = (phase: 'Succeeded' | 'Failed' | 'Error', at: number): Partial<RunSummary> => ({
  phase,
  finishedAt: new Date(at).toISOString(),
});

function ask(
  cron: CronWorkflow,
  moment: { at: number; since?: number; isResumed?: boolean; specError?: string },
  children: readonly RunSummary[] = [],
): CronDecision {
  return decideCron({ cron, children }, { localZone: 'UTC', ...moment });
}

const submittedAt = (decision: CronDecision): string | undefined =>
  decision.submit && new Date(decision.submit.instantMs).toISOString();

describe('an instant', () => {
  it('starts a run named after it, with the label, the annotation and the metadata of the cron', () => {
    const cron = cronOf({ workflowMetadata: { labels: { team: 'a' } } });
    const { submit } = ask(cron, { at: NOON + 5, since: NOON - 1 });
    expect(submit?.workflow).toMatchObject({
      metadata: {
        name: `hello-${NOON / 1_000}`,
        labels: { team: 'a', [CRON_LABEL]: 'hello' },
        annotations: { [SCHEDULED_TIME]: '2026-03-10T12:00:00Z' },
        ownerReferences: [{ kind: 'CronWorkflow', name: 'hello', uid: 'c1' }],
      },
      spec: workflowSpec,
    });
  });

  it('names the same uid whoever asks, and another one for every instant', () => {
    const uids = [NOON, NOON + MINUTE].map(
      (instant) => ask(cronOf(), { at: instant, since: instant - 1 }).submit?.workflow.metadata.uid,
    );
    expect(uids[0]).toBe(childUid(cronOf().metadata, NOON));
    expect(uids[0]).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(uids[1]).not.toBe(uids[0]);
  });

  it('is recorded in the status with the run that it started', () => {
    const { submit } = ask(cronOf(), { at: NOON, since: NOON - 1 });
    expect(submit?.recorded.status).toEqual({
      active: [
        {
          apiVersion: 'argoproj.io/v1alpha1',
          kind: 'Workflow',
          name: `hello-${NOON / 1_000}`,
          namespace: 'default',
          uid: childUid(cronOf().metadata, NOON),
        },
      ],
      lastScheduledTime: '2026-03-10T12:00:00Z',
      phase: 'Active',
    });
  });

  it('at which several schedules coincide starts one run', () => {
    const cron = cronOf({ schedules: ['* * * * *', '0 * * * *'] });
    const first = ask(cron, { at: NOON, since: NOON - 1 });
    expect(submittedAt(first)).toBe('2026-03-10T12:00:00.000Z');
    const again = ask(first.submit?.recorded ?? cron, { at: NOON + 1, since: NOON });
    expect(again.submit).toBeUndefined();
    expect(again.wakeAt).toBe(NOON + MINUTE);
  });

  it('is dealt with once, also by an owner that forgot', () => {
    const { submit } = ask(cronOf(), { at: NOON, since: NOON - 1 });
    const recorded = submit?.recorded ?? cronOf();
    expect(ask(recorded, { at: NOON + 100 }).submit).toBeUndefined();
  });

  it('that passed while the process slept starts no run, nor do those before it', () => {
    const { submit } = ask(cronOf(), { at: NOON + 30_000, since: NOON - 10 * MINUTE });
    expect(submit).toBeUndefined();
  });

  it('is still on time a few seconds later, and of several that passed only the last runs', () => {
    const cron = cronOf({ schedules: ['@every 2s'] });
    const { submit } = ask(cron, { at: NOON + 500, since: NOON - 5_000 });
    expect(submit?.instantMs).toBe(NOON);
  });
});

describe('schedules', () => {
  const instantsOf = (cron: CronWorkflow, from: string, count: number): readonly string[] => {
    const timetable = timetableOf(cron, 'UTC');
    if (!timetable.ok) throw new Error(timetable.error);
    const found: string[] = [];
    let at = Date.parse(from);
    for (let index = 0; index < count; index += 1) {
      at = nextInstant(timetable.value, at) ?? Number.NaN;
      found.push(new Date(at).toISOString().slice(0, 16));
    }
    return found;
  };

  it('are united', () => {
    const cron = cronOf({ schedules: ['0 6 * * *', '30 18 * * *'] });
    expect(instantsOf(cron, '2026-03-10T00:00:00Z', 3)).toEqual([
      '2026-03-10T06:00',
      '2026-03-10T18:30',
      '2026-03-11T06:00',
    ]);
  });

  it('in the hour that the clocks skip do not run', () => {
    const cron = cronOf({ schedules: ['30 2 * * *'], timezone: 'America/New_York' });
    expect(instantsOf(cron, '2026-03-07T12:00:00Z', 2)).toEqual([
      '2026-03-09T06:30',
      '2026-03-10T06:30',
    ]);
  });

  it('in the hour that the clocks repeat run twice', () => {
    const cron = cronOf({ schedules: ['30 1 * * *'], timezone: 'America/New_York' });
    expect(instantsOf(cron, '2026-11-01T00:00:00Z', 2)).toEqual([
      '2026-11-01T05:30',
      '2026-11-01T06:30',
    ]);
  });

  it('with @every count from the creation, so that every owner finds the same instants', () => {
    const cron = cronOf({ schedules: ['@every 7m'] });
    expect(instantsOf(cron, '2026-03-10T11:00:00Z', 2)).toEqual([
      '2026-03-10T11:07',
      '2026-03-10T11:14',
    ]);
    expect(instantsOf(cron, '2026-03-10T11:08:01Z', 1)).toEqual(['2026-03-10T11:14']);
  });

  it('that never fire wake nobody', () => {
    expect(ask(cronOf({ schedules: ['0 0 31 2 *'] }), { at: NOON }).wakeAt).toBeUndefined();
  });
});

describe('a missed run', () => {
  const last = { lastScheduledTime: new Date(NOON - MINUTE).toISOString() };
  const late = NOON + 30_000;

  it('is made up by whoever takes charge within startingDeadlineSeconds', () => {
    const cron = cronOf({ startingDeadlineSeconds: 35 }, last);
    expect(submittedAt(ask(cron, { at: late }))).toBe('2026-03-10T12:00:00.000Z');
  });

  it('is one run, the last one, however many were missed', () => {
    const status = { lastScheduledTime: '2026-03-10T08:00:00Z' };
    const cron = cronOf({ startingDeadlineSeconds: 7_200 }, status);
    const { submit } = ask(cron, { at: late });
    expect(submit?.instantMs).toBe(NOON);
    const next = ask(submit?.recorded ?? cron, { at: late + 1, since: late });
    expect(next.submit).toBeUndefined();
  });

  it('is not made up after startingDeadlineSeconds', () => {
    const cron = cronOf({ startingDeadlineSeconds: 25 }, last);
    expect(ask(cron, { at: late }).submit).toBeUndefined();
  });

  it('is not made up without startingDeadlineSeconds', () => {
    expect(ask(cronOf({}, last), { at: late }).submit).toBeUndefined();
  });

  it('is not made up when the schedule was changed since it was last used', () => {
    const cron = cronOf({ startingDeadlineSeconds: 35 }, last);
    const annotations = { [LAST_USED_SCHEDULE]: '0 * * * *' };
    const changed = { ...cron, metadata: { ...cron.metadata, annotations } };
    const decision = ask(changed, { at: late });
    expect(decision.submit).toBeUndefined();
    // The annotation follows only when the new schedule is used.
    expect(decision.cron.metadata.annotations?.[LAST_USED_SCHEDULE]).toBe('0 * * * *');
    const used = ask(changed, { at: NOON + MINUTE, since: late });
    expect(used.cron.metadata.annotations?.[LAST_USED_SCHEDULE]).toBe('* * * * *');
  });

  it('does not exist for a cron that is new; its schedule is noted', () => {
    const cron = cronOf({ startingDeadlineSeconds: 3_600 });
    const bare = { ...cron, metadata: { ...cron.metadata, annotations: {} } };
    const decision = ask(bare, { at: NOON + 1 });
    expect(decision.submit).toBeUndefined();
    expect(decision.cron.metadata.annotations?.[LAST_USED_SCHEDULE]).toBe('* * * * *');
  });

  it('costs nothing when owners change within a few seconds', () => {
    expect(submittedAt(ask(cronOf({}, last), { at: NOON + 4_000 }))).toBe(
      '2026-03-10T12:00:00.000Z',
    );
  });

  it('is made up after a suspension within startingDeadlineSeconds, and else not', () => {
    const moment = { at: late, since: late - 1, isResumed: true };
    expect(ask(cronOf({ startingDeadlineSeconds: 35 }, last), moment).submit).toBeDefined();
    expect(ask(cronOf({ startingDeadlineSeconds: 25 }, last), moment).submit).toBeUndefined();
  });
});

describe('an instant is passed over', () => {
  const due = { at: NOON, since: NOON - 1 };

  it('while the cron is suspended', () => {
    const decision = ask(cronOf({ suspend: true }), due);
    expect(decision).toMatchObject({ passedOver: 'it is suspended', wakeAt: NOON + MINUTE });
    expect(decision.submit).toBeUndefined();
  });

  it('with Forbid while a run is active, and lastScheduledTime stays', () => {
    const cron = cronOf({ concurrencyPolicy: 'Forbid' });
    const first = ask(cron, { at: NOON - MINUTE, since: NOON - MINUTE - 1 }).submit?.recorded;
    const decision = ask(first ?? cron, due, [childOf(cron, NOON - MINUTE)]);
    expect(decision.submit).toBeUndefined();
    expect(decision.cron.status?.lastScheduledTime).toBe('2026-03-10T11:59:00Z');
  });

  it('and not made up by the same owner when the active run ends', () => {
    const cron = cronOf({ concurrencyPolicy: 'Forbid', startingDeadlineSeconds: 50 });
    const first = ask(cron, { at: NOON - MINUTE, since: NOON - MINUTE - 1 }).submit?.recorded;
    const child = childOf(cron, NOON - MINUTE, ended('Succeeded', NOON + 20_000));
    const decision = ask(first ?? cron, { at: NOON + 20_000, since: NOON }, [child]);
    expect(decision.submit).toBeUndefined();
  });

  it('when `when` is false, and lastScheduledTime stays', () => {
    const when = '{{= cronworkflow.lastScheduledTime == nil }}';
    const status = { lastScheduledTime: '2026-03-10T11:00:00Z' };
    expect(ask(cronOf({ when }, status), due)).toMatchObject({ passedOver: '`when` is false' });
    expect(ask(cronOf({ when }), due).submit).toBeDefined();
  });

  it('with a condition and one more failure when `when` cannot be evaluated', () => {
    const { cron, submit } = ask(cronOf({ when: '{{= 1 +' }), due);
    expect(submit).toBeUndefined();
    expect(cron.status).toMatchObject({ failed: 1, conditions: [{ type: 'SubmissionError' }] });
  });

  it('with the condition SpecError while the manifest is not valid', () => {
    const broken = ask(cronOf(), { ...due, specError: 'entrypoint is missing' });
    expect(broken.submit).toBeUndefined();
    expect(broken.cron.status?.conditions).toEqual([
      { type: 'SpecError', status: 'True', message: 'entrypoint is missing' },
    ]);
    const mended = ask(broken.cron, { at: NOON + MINUTE, since: NOON });
    expect(mended.submit?.recorded.status?.conditions).toBeUndefined();
  });

  it('with the condition SpecError when a schedule is malformed', () => {
    const { cron, wakeAt } = ask(cronOf({ schedules: ['nonsense'] }), due);
    expect(cron.status?.conditions?.[0]?.message).toMatch(/cron schedule nonsense is malformed/);
    expect(wakeAt).toBeUndefined();
  });
});

describe('`when` and stopStrategy see', () => {
  it.each([
    ['{{= cronworkflow.name == "hello" }}', true],
    ['{{= cronworkflow.namespace == "default" }}', true],
    ['{{= cronworkflow.succeeded == 2 && cronworkflow.failed == 1 }}', true],
    ['{{cronworkflow.succeeded}} > 1', true],
    ['{{= cronworkflow.labels.team == "a" }}', true],
    ['{{cronworkflow.labels.team}} == b', false],
    ['{{= fromJson(cronworkflow.labels.json)["team"] == "a" }}', true],
    ['{{= (now() - cronworkflow.lastScheduledTime).Seconds() > 30 }}', true],
    ['{{= (now() - cronworkflow.lastScheduledTime).Seconds() > 300 }}', false],
  ])('%s', (when, expected) => {
    const status = { succeeded: 2, failed: 1, lastScheduledTime: '2026-03-10T11:59:00Z' };
    const cron = cronOf({ when: when.replace('fromJson', 'fromJSON') }, status);
    const labelled = { ...cron, metadata: { ...cron.metadata, labels: { team: 'a' } } };
    const { submit, cron: after } = ask(labelled, { at: NOON, since: NOON - 1 });
    expect(after.status?.conditions).toBeUndefined();
    expect(submit !== undefined).toBe(expected);
  });
});

describe('Replace', () => {
  it('terminates the active runs and starts a new one', () => {
    const cron = cronOf({ concurrencyPolicy: 'Replace' });
    const child = childOf(cron, NOON - MINUTE);
    const { terminate, submit } = ask(cron, { at: NOON, since: NOON - 1 }, [child]);
    expect(terminate).toEqual([{ uid: child.uid, namespace: 'default', name: child.name }]);
    expect(submit?.recorded.status?.active).toHaveLength(2);
  });
});

describe('Allow', () => {
  it('starts a run beside those that are active', () => {
    const cron = cronOf({ concurrencyPolicy: 'Allow' });
    const decision = ask(cron, { at: NOON, since: NOON - 1 }, [childOf(cron, NOON - MINUTE)]);
    expect(decision.terminate).toEqual([]);
    expect(decision.submit?.recorded.status?.active).toHaveLength(2);
  });
});

describe('the end of a run', () => {
  const started = (spec: Partial<CronWorkflowSpec> = {}): CronWorkflow =>
    ask(cronOf(spec), { at: NOON, since: NOON - 1 }).submit?.recorded ?? cronOf();

  it('takes it out of active and counts it, once', () => {
    const cron = started();
    const children = [childOf(cron, NOON, ended('Succeeded', NOON + 1_000))];
    const first = ask(cron, { at: NOON + 1_000, since: NOON }, children).cron;
    expect(first.status).toMatchObject({ succeeded: 1, failed: 0 });
    expect(first.status?.active).toBeUndefined();
    const second = ask(first, { at: NOON + 2_000, since: NOON + 1_000 }, children).cron;
    expect(second).toBe(first);
  });

  it.each(['Failed', 'Error'] as const)('in %s counts as failed', (phase) => {
    const cron = started();
    const children = [childOf(cron, NOON, ended(phase, NOON + 1_000))];
    expect(ask(cron, { at: NOON + 1_000, since: NOON }, children).cron.status?.failed).toBe(1);
  });

  it('that was submitted but not recorded is counted all the same', () => {
    const cron = cronOf();
    const children = [childOf(cron, NOON, ended('Succeeded', NOON + 1_000))];
    const decision = ask(cron, { at: NOON + 2_000 }, children);
    expect(decision.submit).toBeUndefined();
    expect(decision.cron.status).toMatchObject({
      succeeded: 1,
      lastScheduledTime: '2026-03-10T12:00:00Z',
    });
  });

  it('of one that was deleted counts for nothing', () => {
    const after = ask(started(), { at: NOON + 1_000, since: NOON }).cron;
    expect(after.status).toEqual({ lastScheduledTime: '2026-03-10T12:00:00Z', phase: 'Active' });
  });

  it('of a run that a person started from the cron counts too', () => {
    const cron = cronOf();
    const own = childOf(cron, NOON, { uid: 'u7', name: 'hello-abcde' });
    const adopted = ask(cron, { at: NOON + 1, since: NOON }, [own]).cron;
    expect(adopted.status?.active?.[0]?.name).toBe('hello-abcde');
    expect(adopted.status?.lastScheduledTime).toBeUndefined();
    const done = { ...own, ...ended('Failed', NOON + 5) };
    expect(ask(adopted, { at: NOON + 6, since: NOON }, [done]).cron.status?.failed).toBe(1);
  });

  it('stops the cron when the stop strategy is fulfilled, which then starts nothing more', () => {
    const cron = started({ stopStrategy: { expression: 'cronworkflow.failed >= 1' } });
    const children = [childOf(cron, NOON, ended('Failed', NOON + 1_000))];
    const stopped = ask(cron, { at: NOON + 1_000, since: NOON }, children).cron;
    expect(stopped.status?.phase).toBe('Stopped');
    expect(stopped.metadata.labels).toEqual({ 'cronworkflows.argoproj.io/completed': 'true' });
    const next = ask(stopped, { at: NOON + MINUTE, since: NOON + 1_000 }, children);
    expect(next.submit).toBeUndefined();
    const resumed = resumedCron(stopped);
    expect(resumed.status).toMatchObject({ phase: 'Active', failed: 0 });
    expect(resumed.metadata.labels).toEqual({});
    expect(ask(resumed, { at: NOON + MINUTE, since: NOON + 1_000 }).submit).toBeDefined();
  });

  it('is not needed to tell that a stop strategy cannot be evaluated: then nothing is started', () => {
    const cron = cronOf({ stopStrategy: { expression: 'cronworkflow.missing > 1' } });
    const { cron: after, submit } = ask(cron, { at: NOON, since: NOON - 1 });
    expect(submit).toBeUndefined();
    expect(after.status?.conditions?.[0]).toMatchObject({
      type: 'SpecError',
      message: expect.stringMatching(/'hello' stopping condition: .*<nil> > int/),
    });
    expect(ask(after, { at: NOON + 1, since: NOON }).cron).toBe(after);
  });
});

describe('history limits', () => {
  const runs = (cron: CronWorkflow): readonly RunSummary[] =>
    [5, 4, 3, 2, 1].flatMap((minutes) => {
      const at = NOON - minutes * MINUTE;
      return [
        childOf(cron, at, ended('Succeeded', at + 1_000)),
        childOf(cron, at + 1_000, ended('Failed', at + 2_000)),
      ];
    });
  const removedAt = (spec: Partial<CronWorkflowSpec>): readonly number[] => {
    const cron = cronOf(spec, { lastScheduledTime: new Date(NOON).toISOString() });
    const { remove } = ask(cron, { at: NOON + 1, since: NOON }, runs(cron));
    return remove.map(({ name }) => (NOON - Number(name.slice(6)) * 1_000) / 1_000);
  };

  it('keep three successful runs and one failed one by default: the newest', () => {
    expect(removedAt({})).toEqual([240, 300, 119, 179, 239, 299]);
  });

  it('of 0 keep none', () => {
    const limits = { successfulJobsHistoryLimit: 0, failedJobsHistoryLimit: 0 };
    expect(removedAt(limits)).toHaveLength(10);
  });

  it('do not touch runs that are active', () => {
    const cron = cronOf({ successfulJobsHistoryLimit: 0, failedJobsHistoryLimit: 0 });
    expect(ask(cron, { at: NOON + 1, since: NOON }, [childOf(cron, NOON)]).remove).toEqual([]);
  });
});

describe('a submission that is refused', () => {
  it('becomes a condition and a failure, which the next one that works takes away', () => {
    const refused = withSubmissionError(cronOf(), 'the name is taken');
    expect(refused.status).toEqual({
      failed: 1,
      conditions: [{ type: 'SubmissionError', status: 'True', message: 'the name is taken' }],
    });
    const { submit } = ask(refused, { at: NOON, since: NOON - 1 });
    expect(submit?.recorded.status?.conditions).toBeUndefined();
  });
});
