import type { NodeStatus, Parameter } from '@argosy/model';
import { humanDuration } from '../view/duration.ts';
import type { Expectation, MetricExpectation, NodeExpectation, ValueMap } from './format.ts';
import type { PlayedRun } from './play.ts';
import { durationMsOf, matchesGlob, matchesText, textOf } from './texts.ts';

/** One sentence for each thing that is not as expected; none: all is well. */
export function failuresOf(played: PlayedRun, expect: Expectation): readonly string[] {
  return [
    ...runFailures(played, expect),
    ...Object.entries(expect.nodes ?? {}).flatMap(([name, wanted]) =>
      nodesFailures(played, name, typeof wanted === 'string' ? { phase: wanted } : wanted),
    ),
    ...(expect.never ?? []).flatMap((name) => neverFailures(played, name)),
    ...ordersOf(expect).flatMap((names) => orderFailures(played, names)),
  ];
}

function runFailures(played: PlayedRun, expect: Expectation): readonly string[] {
  const { phase = '', message = '', progress = '', outputs } = played.workflow.status ?? {};
  const why = message === '' ? '' : ` (${message})`;
  return [
    ...different('phase', expect.phase, phase).map((failure) => `${failure}${why}`),
    ...different('message', expect.message, message),
    ...different('progress', expect.progress, progress),
    ...valuesFailures('outputs', expect.outputs, outputs?.parameters),
    ...parallelFailures(played, expect.maxParallel),
    ...durationFailures(played, expect.duration),
    ...Object.entries(expect.metrics ?? {}).flatMap(([name, wanted]) =>
      metricFailures(played, name, typeof wanted === 'number' ? { value: wanted } : wanted),
    ),
  ];
}

/** At most one failure: nothing expected holds. */
function different(
  what: string,
  wanted: string | undefined,
  found: string | undefined,
): readonly string[] {
  if (wanted === undefined || (found !== undefined && matchesText(wanted, found))) return [];
  return [`${what}: expected ${quoted(wanted)}, found ${quoted(found)}`];
}

/** Longest text told of a value, in characters. */
const TEXT_LENGTH_MAX = 200;

function quoted(text: string | undefined): string {
  if (text === undefined) return 'none';
  const cut = text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text;
  return /^[\w/.-]+$/.test(cut) ? cut : JSON.stringify(cut);
}

function valuesFailures(
  what: string,
  wanted: ValueMap | undefined,
  parameters: readonly Parameter[] = [],
): readonly string[] {
  return Object.entries(wanted ?? {}).flatMap(([name, value]) => {
    const found = parameters.find((parameter) => parameter.name === name)?.value;
    return different(`${what}.${name}`, textOf(value), found && String(found));
  });
}

function parallelFailures({ maxParallel }: PlayedRun, most: number | undefined): readonly string[] {
  if (most === undefined || maxParallel <= most) return [];
  return [`maxParallel: expected at most ${most} tasks at the same time, found ${maxParallel}`];
}

function durationFailures(
  { durationMs }: PlayedRun,
  wanted: Expectation['duration'],
): readonly string[] {
  if (wanted === undefined) return [];
  const range = typeof wanted === 'object' ? wanted : { min: wanted, max: wanted };
  const min = range.min === undefined ? 0 : durationMsOf(range.min);
  const max = range.max === undefined ? Number.POSITIVE_INFINITY : durationMsOf(range.max);
  if (durationMs >= min && durationMs <= max) return [];
  const bounds = typeof wanted === 'object' ? rangeText(wanted) : humanDuration(min);
  return [`duration: expected ${bounds}, found ${humanDuration(durationMs)}`];
}

function rangeText({ min, max }: Extract<Expectation['duration'], object>): string {
  const parts = [
    min === undefined ? '' : `at least ${humanDuration(durationMsOf(min))}`,
    max === undefined ? '' : `at most ${humanDuration(durationMsOf(max))}`,
  ];
  return parts.filter((part) => part !== '').join(' and ');
}

function metricFailures(
  { metrics }: PlayedRun,
  name: string,
  { value, labels = {} }: MetricExpectation,
): readonly string[] {
  const found = metrics.filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([key, wanted]) =>
        sample.labels.some((label) => label.key === key && label.value === wanted),
      ),
  );
  const last = found.findLast(({ value: told }) => told.kind !== 'RunningGauge')?.value;
  if (found.length === 0) return [`metrics.${name}: none was told`];
  const shown = last === undefined || last.kind === 'RunningGauge' ? undefined : last.value;
  if (value === undefined || shown === value) return [];
  return [`metrics.${name}: expected ${value}, found ${shown ?? 'none'}`];
}

function nodesNamed({ workflow }: PlayedRun, name: string): readonly NodeStatus[] {
  return Object.values(workflow.status?.nodes ?? {}).filter(
    (node) => matchesGlob(name, node.displayName ?? node.name) || matchesGlob(name, node.name),
  );
}

function nodesFailures(
  played: PlayedRun,
  name: string,
  wanted: NodeExpectation,
): readonly string[] {
  const found = nodesNamed(played, name);
  const { count } = wanted;
  if (count !== undefined && count !== found.length) {
    return [
      `nodes.${name}: expected ${count} of them, found ${found.length}${among(played, name)}`,
    ];
  }
  if (found.length === 0 && count !== 0)
    return [`nodes.${name}: there is none${among(played, name)}`];
  return found.flatMap((node) => nodeFailures(played, node, wanted));
}

/** Most names told of those that were looked through. */
const NAMES_MAX = 10;

function among(played: PlayedRun, name: string): string {
  const nodes = Object.values(played.workflow.status?.nodes ?? {});
  const names = [...new Set(nodes.map((node) => node.displayName ?? node.name))];
  if (name.includes('*') || names.length === 0) return '';
  const rest = names.length > NAMES_MAX ? ', …' : '';
  return ` among ${names.slice(0, NAMES_MAX).join(', ')}${rest}`;
}

function nodeFailures(
  played: PlayedRun,
  node: NodeStatus,
  wanted: NodeExpectation,
): readonly string[] {
  const label = `nodes.${node.displayName ?? node.name}`;
  const { outputs, inputs, message = '' } = node;
  const why = wanted.message !== undefined || message === '' ? '' : ` (${message})`;
  const template = node.templateRef?.template ?? node.templateName;
  return [
    ...different(`${label}.phase`, wanted.phase, node.phase).map((failure) => `${failure}${why}`),
    ...different(`${label}.message`, wanted.message, message),
    ...different(`${label}.type`, wanted.type, node.type),
    ...different(`${label}.template`, wanted.template, template),
    ...valuesFailures(`${label}.inputs`, wanted.inputs, inputs?.parameters),
    ...valuesFailures(`${label}.outputs`, wanted.outputs, outputs?.parameters),
    ...different(`${label}.result`, textIfGiven(wanted.result), outputs?.result),
    ...different(`${label}.exitCode`, textIfGiven(wanted.exitCode), outputs?.exitCode),
    ...different(`${label}.memoized`, textIfGiven(wanted.memoized), memoizedText(node)),
    ...attemptsFailures(played, { label, node, wanted: wanted.attempts }),
  ];
}

function memoizedText({ memoizationStatus }: NodeStatus): string | undefined {
  return memoizationStatus && String(memoizationStatus.hit);
}

function textIfGiven(value: NodeExpectation['result']): string | undefined {
  return value === undefined ? undefined : textOf(value);
}

function attemptsFailures(
  { workflow }: PlayedRun,
  given: {
    readonly label: string;
    readonly node: NodeStatus;
    readonly wanted: number | undefined;
  },
): readonly string[] {
  const { label, node, wanted } = given;
  if (wanted === undefined) return [];
  const children = (node.children ?? []).map((id) => workflow.status?.nodes?.[id]);
  const found = children.filter((child) => child?.nodeFlag?.retried === true).length;
  if (found === wanted) return [];
  return [`${label}.attempts: expected ${wanted}, found ${found}`];
}

const NOT_RUN: ReadonlySet<string> = new Set(['Skipped', 'Omitted']);

function neverFailures(played: PlayedRun, name: string): readonly string[] {
  return nodesNamed(played, name)
    .filter(({ phase }) => !NOT_RUN.has(phase ?? ''))
    .map((node) => `never: ${node.displayName ?? node.name} ran (${node.phase ?? ''})`);
}

function ordersOf({ order = [] }: Expectation): readonly (readonly string[])[] {
  const lists = order.filter((each) => typeof each !== 'string');
  const names = order.filter((each) => typeof each === 'string');
  return names.length === 0 ? lists : [names, ...lists];
}

function orderFailures(played: PlayedRun, names: readonly string[]): readonly string[] {
  const spans = names.map((name) => {
    const nodes = nodesNamed(played, name).filter(({ phase }) => !NOT_RUN.has(phase ?? ''));
    return { name, found: nodes.flatMap(({ id }) => played.spans.get(id) ?? []) };
  });
  const absent = spans.filter(({ found }) => found.length === 0);
  if (absent.length > 0) return absent.map(({ name }) => `order: ${name} did not run`);
  return spans.slice(1).flatMap(({ name, found }, index) => {
    const former = spans[index];
    const ends = former?.found.map(({ end = Number.POSITIVE_INFINITY }) => end) ?? [];
    const isInOrder = Math.max(...ends) < Math.min(...found.map(({ begin }) => begin));
    return isInOrder ? [] : [`order: ${name} began before ${former?.name ?? ''} had ended`];
  });
}
