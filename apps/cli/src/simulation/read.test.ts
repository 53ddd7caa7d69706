// Covers that wrong simulation files are refused with file, line, column and field. Leaves out what right ones do.
import { ArgosyError } from '@argosy/base';
import { describe, expect, it } from 'vitest';
import { readSimulation } from './read.ts';

function refusalOf(text: string): string {
  try {
    readSimulation('m.yaml', text);
  } catch (error) {
    expect(ArgosyError.fromUnknown(error).code).toBe('INVALID_ARGUMENT');
    return (error as Error).message;
  }
  return 'accepted';
}

describe('a wrong file is refused with its place:', () => {
  it.each([
    ['mocks:\n  - templte: a\n', /^m\.yaml:2:5: unknown field "templte"; there are template, name/],
    ['mokcs: []\n', /^m\.yaml:1:1: unknown field "mokcs".*\(mokcs\)$/],
    [
      'cases:\n  - case: a\n    expect: { duration: soon }\n',
      /^m\.yaml:3:25: duration must be a duration such as 90s, 1h30m or 500ms; it is "soon"/,
    ],
    [
      'mocks:\n  - phase: Skipped\n',
      /^m\.yaml:2:12: phase must be one of Succeeded, Failed, Error, not "Skipped" \(mocks\[0\]\.phase\)$/,
    ],
    ['events:\n  - at: 5s\n', /^m\.yaml:2:5: "do" is missing \(events\[0\]\)$/],
    ['mocks: {}\n', /^m\.yaml:1:8: mocks must be a list, not a map \(mocks\)$/],
    [
      'expect:\n  maxParallel: many\n',
      /^m\.yaml:2:16: maxParallel must be a whole number, not text/,
    ],
    ['expect:\n  nodes: { a: 3 }\n', /^m\.yaml:2:\d+: a must be text or a map/],
    ['- a\n', /^m\.yaml:1:1: the file must be a map, not a list$/],
    ['start: 2030-13-01T00:00:00Z\n', /^m\.yaml:1:8: start is no time that exists: "2030-13-01T/],
    [
      'cases:\n  - case: a\n    start: 2030-02-01T25:00:00Z\n',
      /^m\.yaml:3:12: start is no time that exists/,
    ],
    [
      `name: &a x\nparameters: { l: [${'*a, '.repeat(2_000)}] }\n`,
      /^m\.yaml:1:1: not usable YAML: Excessive alias count/,
    ],
    ['a: [1\n', /^m\.yaml:\d:\d: not valid YAML: /],
  ])('%j', (text, message) => {
    expect(refusalOf(text)).toMatch(message);
  });

  it('several mistakes are told at once', () => {
    expect(refusalOf('mocks: 1\nevents: 2\n').split('\n')).toHaveLength(2);
  });
});

it('an empty file is one case without mocks', () => {
  expect(readSimulation('m.yaml', '').content).toEqual({});
});

it('words that YAML 1.1 takes for truth values stay texts', () => {
  const { content } = readSimulation('m.yaml', 'mocks: [{ outputs: { approved: yes, off: off } }]');
  expect(content.mocks?.[0]?.outputs).toEqual({ approved: 'yes', off: 'off' });
});
