import {
  calendarPlan,
  compileSourceFilter,
  compileWatchPath,
  exclusionDatesMs,
  nextOccurrenceMs,
  sourceFilterPasses,
  type CalendarSettings,
} from '@argosy/core-events';
import { publicUrl } from '@argosy/event-source';
import { failed, passed, type CaseOutcome, type ConformanceCase } from '../adapter.ts';
import { allOf, compared, expectOf, partOf, partsOf, specOf } from './case.ts';
import { runProviderCheck } from './provider-check.ts';
import { runResourceCase } from './resource.ts';
import { runShapeCase } from './shape.ts';
import { runWebhookCase } from './webhook.ts';

/** The kinds of sources that are called over HTTP. */
const HTTP_GROUPS = new Set(
  [
    'webhook',
    'github',
    'gitlab',
    'bitbucketserver',
    'bitbucket',
    'gerrit',
    'slack',
    'stripe',
    'sns',
    'storagegrid',
  ].map((kind) => `eventsource.${kind}`),
);

/** eventsource: the groups whose rules are pure, and the HTTP family through the service. */
export function runEventSourceCase(
  conformanceCase: ConformanceCase,
): CaseOutcome | Promise<CaseOutcome> {
  switch (conformanceCase.group) {
    case 'eventsource.filter':
      return filterOutcome(conformanceCase);
    case 'eventsource.calendar':
      return calendarOutcome(conformanceCase);
    case 'eventsource.resource':
      return runResourceCase(conformanceCase);
    case 'eventsource.shape':
      return runShapeCase(conformanceCase);
    case 'eventsource.url':
      return urlOutcome(conformanceCase);
    case 'eventsource.file':
      return fileOutcome(conformanceCase);
    default:
      if (HTTP_GROUPS.has(conformanceCase.group ?? '')) return httpOutcome(conformanceCase);
      return failed(`no driver for ${conformanceCase.group ?? ''}`);
  }
}

function urlOutcome(conformanceCase: ConformanceCase): CaseOutcome {
  const event = partsOf(conformanceCase['events'])[0] ?? {};
  const http = { url: String(event['url']), endpoint: String(event['endpoint']) };
  return compared('value', publicUrl(http), expectOf(conformanceCase)['value']);
}

function fileOutcome(conformanceCase: ConformanceCase): CaseOutcome {
  const [event] = partsOf(conformanceCase['events']);
  const { eventType, watchPathConfig } = specOf(conformanceCase);
  const { directory, path = '', pathRegexp = '' } = partOf(watchPathConfig);
  const isMeant = compileWatchPath({
    directory: String(directory),
    path: String(path),
    pathRegexp: String(pathRegexp),
  });
  if (!isMeant.ok) return failed(isMeant.error);
  const publishes = isMeant.value(String(event?.['path'])) && event?.['op'] === eventType;
  return compared('publish', publishes, expectOf(conformanceCase)['publish']);
}

function httpOutcome(conformanceCase: ConformanceCase): CaseOutcome | Promise<CaseOutcome> {
  return specOf(conformanceCase)['check'] === undefined
    ? runWebhookCase(conformanceCase)
    : runProviderCheck(conformanceCase);
}

function filterOutcome(conformanceCase: ConformanceCase): CaseOutcome {
  const expect = expectOf(conformanceCase);
  const [event] = partsOf(conformanceCase['events']);
  const expression = String(partOf(specOf(conformanceCase)['filter'])['expression']);
  const program = compileSourceFilter(expression);
  const result = program.ok
    ? sourceFilterPasses(program.value, String(event?.['dataText']))
    : program;
  const message = result.ok ? '' : result.error;
  return allOf(
    compared(`publish (${message})`, result.ok && result.value, expect['publish']),
    compared(`error (${message})`, !result.ok, expect['error'] ?? false),
  );
}

function calendarOutcome(conformanceCase: ConformanceCase): CaseOutcome {
  const expect = expectOf(conformanceCase);
  const settings = specOf(conformanceCase) as CalendarSettings;
  if (expect['dates'] !== undefined) {
    const dates = exclusionDatesMs(settings.exclusionDates ?? []);
    if (!dates.ok) return failed(dates.error);
    const texts = dates.value.map((atMs) => new Date(atMs).toISOString().replace('.000Z', 'Z'));
    return compared('dates', texts, expect['dates']);
  }
  const plan = calendarPlan(settings);
  if (expect['valid'] !== undefined) return compared('valid', plan.ok, expect['valid']);
  if (!plan.ok) return failed(plan.error);
  const [event] = partsOf(conformanceCase['events']);
  const wanted = Array.isArray(expect['next']) ? expect['next'].map(String) : [];
  let atMs: number | undefined = Date.parse(String(event?.['after']));
  for (const want of wanted) {
    atMs = atMs === undefined ? undefined : nextOccurrenceMs(plan.value, atMs);
    if (atMs !== Date.parse(want)) return compared('next', atMs, want);
  }
  return passed;
}
