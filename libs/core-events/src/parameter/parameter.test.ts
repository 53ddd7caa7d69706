// Covers parameters: where a value comes from, how it is written, payloads and templates. Leaves out
// the path syntax, which libs/lang tests.
import { describe, expect, it } from 'vitest';
import { unwrap } from '@argosy/base';
import type { SensorEvent } from '../event/sensor-event.ts';
import type { ParameterSource, TriggerParameter } from '../manifest/sensor.ts';
import { applyParameters, buildPayload } from './apply.ts';
import { resolveParameter } from './resolve.ts';
import { parameterizedTemplate } from './template.ts';

const event: SensorEvent = {
  id: 'e1',
  source: 'src',
  type: 'webhook',
  subject: 'sub',
  time: '2026-03-02T10:00:00Z',
  dataText: '{"name": {"first": "Ann"}, "age": 30, "ok": true, "none": null}',
};
const events = { d: event };

const resolve = (source: Partial<ParameterSource>): unknown => {
  const result = resolveParameter({ dependencyName: 'd', ...source }, events);
  return result.ok ? result.value?.text : `error: ${result.error}`;
};
const apply = (json: string, ...parameters: readonly TriggerParameter[]): string =>
  unwrap(applyParameters(json, parameters, events));
const from = (source: Partial<ParameterSource>, dest = 'x'): TriggerParameter => ({
  src: { dependencyName: 'd', ...source },
  dest,
});

describe('the value of a parameter', () => {
  it('comes from data before context and from a template before a key (rule 41)', () => {
    expect(resolve({ dataKey: 'age', contextKey: 'subject' })).toBe('30');
    expect(resolve({ dataKey: 'age', dataTemplate: '{{ upper .Input.name.first }}' })).toBe('ANN');
    expect(resolve({ contextKey: 'subject', contextTemplate: '{{ .Input.type }}' })).toBe(
      'webhook',
    );
  });
  it('falls back from a template to the key, then to value, else is an error (rule 41)', () => {
    expect(resolve({ dataTemplate: '{{ .Input.no.way }}', dataKey: 'age' })).toBe('30');
    expect(resolve({ dataTemplate: '{{ fail "x" }}', dataKey: 'nope', value: 'v' })).toBe('v');
    expect(resolve({ dataKey: 'nope' })).toContain("error: unable to resolve 'd' parameter value");
  });
  it('is value alone as a literal, and the whole event without anything (rule 41)', () => {
    expect(resolve({ value: 'lit' })).toBe('lit');
    const whole = JSON.parse(String(resolve({}))) as { context: object; data: string };
    expect(Object.keys(whole.context)).toEqual([
      'id',
      'source',
      'specversion',
      'type',
      'datacontenttype',
      'subject',
      'time',
    ]);
    expect(Buffer.from(whole.data, 'base64').toString()).toBe(event.dataText);
  });
  it('is value, else skipped, when the dependency has no event (rule 42)', () => {
    expect(resolve({ dependencyName: 'other', dataKey: 'x', value: 'v' })).toBe('v');
    expect(resolve({ dependencyName: 'other', dataKey: 'x' })).toBeUndefined();
    expect(resolve({ dependencyName: 'constructor' })).toBeUndefined();
  });
  it('comes from YAML when its content type says so; other types fall to value (rule 47)', () => {
    const yaml = { ...event, datacontenttype: 'application/yaml', dataText: 'age: 20' };
    const source = { dependencyName: 'd', dataKey: 'age' };
    expect(unwrap(resolveParameter(source, { d: yaml }))?.text).toBe('20');
    const plain = { d: { ...event, datacontenttype: 'text/plain' } };
    expect(unwrap(resolveParameter({ ...source, value: 'v' }, plain))?.text).toBe('v');
    expect(resolveParameter(source, plain).ok).toBe(false);
  });
});

describe('writing a value', () => {
  it('makes a string unless raw data is wanted and it was none (rule 43)', () => {
    expect(apply('{"x":1}', from({ dataKey: 'age' }))).toBe('{"x":"30"}');
    expect(apply('{"x":1}', from({ dataKey: 'age', useRawData: true }))).toBe('{"x":30}');
    expect(apply('{"x":1}', from({ dataKey: 'none', useRawData: true }))).toBe('{"x":null}');
    expect(apply('{"x":1}', from({ dataKey: 'name', useRawData: true }))).toBe(
      '{"x":{"first": "Ann"}}',
    );
    const template = from({ dataTemplate: '{{ .Input.age }}', useRawData: true });
    expect(apply('{"x":1}', template)).toBe('{"x":"30"}');
  });
  it('leaves all other bytes as they are', () => {
    expect(apply('{ "a" : [ 1 ],\n"x":1 }', from({ value: 'é' }))).toBe(
      '{ "a" : [ 1 ],\n"x":"é" }',
    );
  });
  it('appends and prepends as text, and sets where nothing is (rule 44)', () => {
    const raw = { ...from({ dataKey: 'age', useRawData: true }) };
    expect(apply('{"x":7}', { ...raw, operation: 'append' })).toBe('{"x":"730"}');
    expect(apply('{"x":7}', { ...raw, operation: 'prepend' })).toBe('{"x":"307"}');
    expect(apply('{}', { ...raw, operation: 'append' })).toBe('{"x":30}');
  });
  it('creates objects and arrays on the way; -1 appends, a backslash escapes (rule 45)', () => {
    expect(apply('{}', from({ value: 'v' }, 'a.1.b'))).toBe('{"a":[null,{"b":"v"}]}');
    expect(apply('{"a":[1]}', from({ value: 'v' }, 'a.-1'))).toBe('{"a":[1,"v"]}');
    expect(apply('{}', from({ value: 'v' }, 'a\\.b'))).toBe('{"a.b":"v"}');
  });
  it('names the parameter that cannot be applied', () => {
    const wrong = applyParameters('{"a":[1]}', [from({ value: 'v' }, 'a.key')], events);
    expect(wrong.ok ? '' : wrong.error).toContain('a.key');
    const operation = {
      ...from({ value: 'v' }),
      operation: 'replace',
    } as unknown as TriggerParameter;
    expect(applyParameters('{}', [operation], events).ok).toBe(false);
    expect(applyParameters('{}', [{ dest: 'x' }], events).ok).toBe(false);
  });
});

describe('payloads', () => {
  it('take one value as the whole body when dest is empty, for HTTP only (rule 46)', () => {
    const parameters = [from({ dataKey: 'name.first' }, ''), from({ dataKey: 'age' })];
    expect(unwrap(buildPayload(parameters, events, { allowsWholeBody: true }))).toBe('Ann');
    expect(buildPayload(parameters, events).ok).toBe(false);
  });
  it('skip parameters of dependencies without event', () => {
    const other = from({ dependencyName: 'other', dataKey: 'x' }, 'y');
    expect(unwrap(buildPayload([other, from({ dataKey: 'age' })], events))).toBe('{"x":"30"}');
  });
});

describe('template parameters', () => {
  it('change a copy of the template (rule 48)', () => {
    const template = { name: 't', http: { url: 'http://a/' } };
    const parameters = [from({ dataKey: 'name.first' }, 'http.url')];
    const changed = unwrap(parameterizedTemplate({ template, parameters }, events));
    expect(changed['http']).toEqual({ url: 'Ann' });
    expect(template.http.url).toBe('http://a/');
  });
  it('need a template', () => {
    expect(parameterizedTemplate({}, events).ok).toBe(false);
  });
});
