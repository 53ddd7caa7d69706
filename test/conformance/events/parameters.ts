import {
  applyParameters,
  buildPayload,
  resolveParameter,
  type ParameterSource,
  type SensorEvent,
  type TriggerParameter,
} from '@argosy/core-events';
import type { Result } from '@argosy/base';
import { failed, passed, type CaseOutcome, type ConformanceCase } from '../adapter.ts';
import { compared, contains, eventOf, expectOf, partOf, specOf, type Part } from './case.ts';

function eventsOf(conformanceCase: ConformanceCase): Readonly<Record<string, SensorEvent>> {
  const entries = Object.entries(partOf(conformanceCase['events']));
  return Object.fromEntries(entries.map(([name, part]) => [name, eventOf(partOf(part))]));
}

const parametersOf = (spec: Part): readonly TriggerParameter[] =>
  Array.isArray(spec['parameters']) ? (spec['parameters'] as readonly TriggerParameter[]) : [];

/** parameters: resolving one value, applying to a resource, building a payload. */
export function runParametersCase(conformanceCase: ConformanceCase): CaseOutcome {
  const spec = specOf(conformanceCase);
  switch (spec['mode']) {
    case 'resolve':
      return resolveOutcome(conformanceCase, spec);
    case 'apply': {
      const text = spec['resourceText'] ?? JSON.stringify(spec['resource']);
      const events = eventsOf(conformanceCase);
      const result = applyParameters(String(text), parametersOf(spec), events);
      return textOutcome(expectOf(conformanceCase), result);
    }
    case 'payload': {
      const options = { allowsWholeBody: true };
      const result = buildPayload(parametersOf(spec), eventsOf(conformanceCase), options);
      return textOutcome(expectOf(conformanceCase), result);
    }
    default:
      return failed(`no runner for the mode ${String(spec['mode'])}`);
  }
}

function resolveOutcome(conformanceCase: ConformanceCase, spec: Part): CaseOutcome {
  const expect = expectOf(conformanceCase);
  const source = partOf(spec['src']) as unknown as ParameterSource;
  const result = resolveParameter(source, eventsOf(conformanceCase));
  if (!result.ok) return compared(`error (${result.error})`, true, expect['error'] ?? false);
  const value = result.value;
  if (expect['error'] === true) return failed(`want an error, got ${JSON.stringify(value)}`);
  if (expect['skipped'] === true) return compared('value', value, undefined);
  if (value === undefined) return failed('the parameter was skipped');
  if (expect['type'] !== undefined && value.type !== expect['type']) {
    return compared('type', value.type, expect['type']);
  }
  if ('jsonValue' in expect) {
    const json: unknown = JSON.parse(value.text);
    return compared('value', json, expect['jsonValue']);
  }
  return compared('value', value.text, expect['value']);
}

function textOutcome(expect: Part, result: Result<string, string>): CaseOutcome {
  if (!result.ok) return compared(`error (${result.error})`, true, expect['error'] ?? false);
  const text = result.value;
  if (expect['error'] === true) return failed(`want an error, got ${text}`);
  const wantText = expect['resourceText'] ?? expect['payloadText'];
  if (wantText !== undefined) return compared('text', text, wantText);
  const json: unknown = JSON.parse(text);
  if (Array.isArray(expect['payloadJsonHasKeys'])) {
    return compared('keys', Object.keys(partOf(json)), expect['payloadJsonHasKeys']);
  }
  if (expect['resourceSubset'] !== undefined) {
    return contains(json, expect['resourceSubset'])
      ? passed
      : compared('resource', json, expect['resourceSubset']);
  }
  return compared('result', json, expect['resource'] ?? expect['payload']);
}
