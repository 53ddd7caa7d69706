// Covers how an image's entry is found. Leaves out what the entry is used for.
import { expect, test } from 'vitest';
import { DEFAULT_IMAGES, imageEntry } from './images.ts';

test.each([
  ['argoproj/argosay:v2', '/argosay'],
  ['docker.io/argoproj/argosay:v2', '/argosay'],
  ['quay.io/argoproj/argosay:v2', '/argosay'],
  ['argoproj/argosay:v1', 'cowsay'],
  ['docker/whalesay', 'cowsay'],
  ['docker/whalesay:latest', 'cowsay'],
  ['alpine:3.23', 'sh'],
  ['docker.io/library/busybox:latest', 'sh'],
  ['alpine@sha256:abc', 'sh'],
])('%s starts %s', (image, program) => {
  const entry = imageEntry(DEFAULT_IMAGES, image);
  expect([...(entry?.entrypoint ?? []), ...(entry?.cmd ?? [])][0]).toBe(program);
});

test('a registry with a port is not mistaken for a tag', () => {
  const images = { 'registry:5000/tool': { entrypoint: ['tool'], cmd: [] } };
  expect(imageEntry(images, 'registry:5000/tool')?.entrypoint).toEqual(['tool']);
  expect(imageEntry(images, 'registry:5000/tool:v3')?.entrypoint).toEqual(['tool']);
});

test('an image that nobody named has no entry', () => {
  expect(imageEntry(DEFAULT_IMAGES, 'my/own:1')).toBeUndefined();
});
