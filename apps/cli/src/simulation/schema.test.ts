// Covers that the published schema is the one that files are checked with, that it is a JSON Schema, and that both
// say the same of right and wrong files. Leaves out the messages.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { formatJsonSchema } from '@argosy/model';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { mistakesOf } from './check.ts';
import { SIMULATION_SCHEMA } from './schema.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const EXAMPLES = join(ROOT, 'examples', 'simulate');
const validate = new Ajv2020({ allowUnionTypes: true }).compile(SIMULATION_SCHEMA);

it('schemas/simulation.schema.json is the schema that files are checked with (-u)', async () => {
  const file = join(ROOT, 'schemas', 'simulation.schema.json');
  await expect(formatJsonSchema(SIMULATION_SCHEMA)).toMatchFileSnapshot(file);
});

const examples = readdirSync(EXAMPLES).filter((name) => name.endsWith('.mocks.yaml'));

it.each(examples)('%s is right to the schema and to the check', (name) => {
  const content: unknown = parse(readFileSync(join(EXAMPLES, name), 'utf8'));
  expect(validate(content), JSON.stringify(validate.errors)).toBe(true);
  expect(mistakesOf(content, SIMULATION_SCHEMA)).toEqual([]);
});

it.each([
  ['a list', []],
  ['an unknown field', { mokcs: [] }],
  ['a mock with an unknown field', { mocks: [{ templte: 'a' }] }],
  ['a phase that leaves do not end in', { mocks: [{ phase: 'Skipped' }] }],
  ['a duration without a unit it knows', { mocks: [{ duration: '3 days' }] }],
  ['a negative duration', { mocks: [{ duration: -1 }] }],
  ['no attempts', { mocks: [{ attempts: [] }] }],
  ['an event without an instant', { events: [{ do: 'stop' }] }],
  ['an event at an unknown instant', { events: [{ at: 'noon', do: 'stop' }] }],
  ['a case without a name', { cases: [{ expect: {} }] }],
  ['a start that is no time', { start: 'tomorrow' }],
  ['artifacts as a text', { mocks: [{ artifacts: 'a' }] }],
  ['a node expectation with an unknown field', { expect: { nodes: { a: { fase: 'x' } } } }],
  ['a fraction as a count', { expect: { maxParallel: 1.5 } }],
])('%s is wrong to both', (_, content) => {
  expect(validate(content)).toBe(false);
  expect(mistakesOf(content, SIMULATION_SCHEMA).length).toBeGreaterThan(0);
});
