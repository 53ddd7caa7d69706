// Covers what an image starts when the manifest does not say. Leaves out images that executors know by themselves.
import type { Task } from '@argosy/core-workflow';
import type { Template } from '@argosy/model';
import { expect, it } from 'vitest';
import { withImageCommands } from './image-commands.ts';

const IMAGES = {
  'my/tool:v1': { entrypoint: ['/tool'], cmd: ['--help'] },
  'my/shell:v1': { cmd: ['sh', '-i'] },
};

function started(template: Template): Template {
  return withImageCommands({ template } as Task, IMAGES).template;
}

it('starts the entrypoint with the arguments of the manifest, else with those of the image', () => {
  const image = 'my/tool:v1';
  expect(started({ container: { image, args: ['a'] } }).container).toEqual({
    image,
    command: ['/tool'],
    args: ['a'],
  });
  expect(started({ container: { image } }).container?.args).toEqual(['--help']);
});

it('starts the first word of the arguments when there is no entrypoint', () => {
  const { container } = started({ container: { image: 'my/shell:v1' } });
  expect(container).toMatchObject({ command: ['sh'], args: ['-i'] });
});

it('leaves a command of the manifest alone, and images that are not named exactly so', () => {
  const own = { image: 'my/tool:v1', command: ['x'] };
  expect(started({ container: own }).container).toEqual(own);
  const other = { image: 'my/tool' };
  expect(started({ container: other }).container).toEqual(other);
});

it('knows the containers beside the main one, too', () => {
  const beside = { name: 'a', image: 'my/tool:v1' };
  const template = started({ sidecars: [beside], initContainers: [beside] });
  expect(template.sidecars?.[0]?.command).toEqual(['/tool']);
  expect(template.initContainers?.[0]?.command).toEqual(['/tool']);
});
