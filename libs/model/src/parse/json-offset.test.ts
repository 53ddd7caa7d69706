// Covers finding places in valid JSON texts. Leaves out reading of values and broken texts, which never
// get here.
import { describe, expect, it } from 'vitest';
import { jsonOffset } from './json-offset.ts';

const TEXT = String.raw`{ "a" : [1, "x\"]", {"b\\": {"C": true}}, [ ]],
  "a2": -1.5e3, "d": {"e": null}, "d": {"f": "\\"}, "g": 1 }`;

describe('places in JSON', () => {
  it.each([
    [[], '{ "a"'],
    [['a'], '"a" :'],
    [['a', 0], '1,'],
    [['a', 1], '"x'],
    [['a', 2, 'b\\'], '"b'],
    [['a', 2, 'b\\', 'c'], '"C"'],
    [['a', 3], '[ ]'],
    [['a', 3, 0], '[ ]'],
    [['a', 9], '"a" :'],
    [['a2'], '"a2"'],
    [['d', 'f'], '"f"'],
    [['d', 'e'], '"d": {"f"'],
    [['g'], '"g"'],
    [['g', 'x'], '"g"'],
    [['none'], '{ "a"'],
  ])('of %j is where %s stands', (path, start) => {
    expect(TEXT.slice(jsonOffset(TEXT, path)).startsWith(start)).toBe(true);
  });
});
