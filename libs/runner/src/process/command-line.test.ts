// Covers which words a container starts. Leaves out whether the program exists.
import { expect, test } from 'vitest';
import { DEFAULT_IMAGES } from '../images.ts';
import { commandLine } from './command-line.ts';

const images = DEFAULT_IMAGES;

test('command and args are joined, and $(NAME) is replaced in both', () => {
  const container = { command: ['sh', '-c'], args: ['echo $(A) $$(A) $(NONE)'] };
  expect(commandLine(container, { A: '1' }, { images })).toEqual([
    'sh',
    '-c',
    'echo 1 $(A) $(NONE)',
  ]);
});

test("a script's file is the last word, after the args", () => {
  const container = { command: ['sh'], args: ['-x'] };
  expect(commandLine(container, {}, { images, scriptPath: '/s' })).toEqual(['sh', '-x', '/s']);
});

test("args take the place of the image's default, not of its entrypoint", () => {
  const say = { image: 'argoproj/argosay:v2', args: ['echo', 'x'] };
  expect(commandLine(say, {}, { images })).toEqual(['/argosay', 'echo', 'x']);
  const box = { image: 'busybox', args: ['printf', 'x'] };
  expect(commandLine(box, {}, { images })).toEqual(['printf', 'x']);
});

test('an unknown image without a command is refused with what to do', () => {
  expect(() => commandLine({ image: 'a/b', args: ['x'] }, {}, { images })).toThrow(
    /"a\/b".*add `command:`/,
  );
});
