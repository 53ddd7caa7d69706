// Covers reading and comparing versions. Leaves out running the program
// (obtain.integration.test.ts).
import { describe, expect, it } from 'vitest';
import { isAtLeast, versionIn } from './version.ts';

describe('versions', () => {
  it.each([
    ['nats-server: v2.15.2\n', '2.15.2'],
    ['nats-server: 2.12.0-RC.1', '2.12.0'],
    ['nginx version: 1.2.3', undefined],
    ['', undefined],
  ])('reads the version in %j', (output, version) => {
    expect(versionIn(output)).toBe(version);
  });

  it.each([
    ['2.12.0', true],
    ['2.12.1', true],
    ['2.15.0', true],
    ['3.0.0', true],
    ['2.9.25', false],
    ['2.11.99', false],
    ['1.99.99', false],
  ])('compares %s with 2.12.0 by number, not by text', (version, isEnough) => {
    expect(isAtLeast(version, '2.12.0')).toBe(isEnough);
  });
});
