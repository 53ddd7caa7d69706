// Covers files of parameters. Leaves out what a run makes of parameters.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parametersOf } from './parameter-file.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'argosy-parameters-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function file(text: string): string {
  const path = join(directory, 'parameters.yaml');
  writeFileSync(path, text);
  return path;
}

it('gives texts as they are and everything else as JSON', () => {
  const text = 'message: hello\ncount: 3\nflag: true\nlist: [a, {b: 1}]\n';
  expect(parametersOf(file(text))).toEqual({
    message: 'hello',
    count: '3',
    flag: 'true',
    list: '["a",{"b":1}]',
  });
  expect(parametersOf(file('{"a": "1"}'))).toEqual({ a: '1' });
});

it.each([
  ['- a\n', /has to be a map of parameters/],
  ['', /has to be a map of parameters/],
  ['a: [\n', /cannot be read/],
])('refuses %j and names the file', (text, message) => {
  expect(() => parametersOf(file(text))).toThrow(message);
  expect(() => parametersOf(file(text))).toThrow('parameters.yaml');
});

it('refuses a file that is not there', () => {
  expect(() => parametersOf(join(directory, 'none.yaml'))).toThrow(/none\.yaml cannot be read/);
});
