// Covers the file that says what images start. Leaves out how the runner uses it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openHome } from './home.ts';
import { readImagesFile } from './images-file.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'argosy-images-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function read(text: string): unknown {
  writeFileSync(join(directory, 'images.yaml'), text);
  return readImagesFile(openHome(directory));
}

it('without a file, or with an empty one, no image is added', () => {
  expect(readImagesFile(openHome(directory))).toEqual({});
  expect(read('# nothing yet\n')).toEqual({});
});

it('an image has an entrypoint, a cmd, or both', () => {
  expect(read('a:v1:\n  entrypoint: [/run]\n  cmd: [--port, 80]\nb: { cmd: [b] }\n')).toEqual({
    'a:v1': { entrypoint: ['/run'], cmd: ['--port', '80'] },
    b: { entrypoint: [], cmd: ['b'] },
  });
});

it.each([
  ['a: [', /images\.yaml:1: /],
  ['- a\n', /images\.yaml:1: it has to be a map/],
  ['a: { cmd: [x] }\nb: sh\n', /images\.yaml:2: b: it takes \{entrypoint/],
  ['a:\n  cmd: [x]\n  comand: [x]\n', /images\.yaml:3: a\.comand: there are only entrypoint, cmd/],
  ['a: { cmd: sh }\n', /images\.yaml:1: a\.cmd: it takes a list of words/],
])('%j is refused with file and line', (text, message) => {
  expect(() => read(text)).toThrow(message);
});
