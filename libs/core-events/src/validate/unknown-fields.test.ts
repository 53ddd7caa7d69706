// Covers the fields of a Sensor that have no effect because nobody knows them. Leaves out what is wrong with known ones.
import { expect, test } from 'vitest';
import { unknownSensorFields } from './unknown-fields.ts';

test('misspelt fields of a sensor are named by their paths (rule 59)', () => {
  const parameter = { src: { dependencyName: 'd', dataKey: 'a', datakey: 'b' }, dest: 'x' };
  const spec = {
    eventBusName: 'default',
    trigger: [],
    dependencies: [
      { name: 'd', eventSourceName: 's', eventName: 'e', filter: {} },
      {
        name: 'f',
        filters: {
          data: [{ path: 'a', values: ['b'] }],
          exprs: [{ expr: 'a', fields: [{ name: 'a' }] }],
        },
      },
    ],
    triggers: [
      {
        template: {
          name: 't',
          k8s: { source: { resource: { anything: 1 } }, parameters: [parameter], verb: 'create' },
        },
        retryStrategy: { steps: 3, delay: '1s' },
        dlqTrigger: { template: { name: 'u', log: {} }, dlqTrigger: {} },
      },
    ],
  };
  expect(unknownSensorFields({ kind: 'Sensor', spec })).toEqual([
    'spec.trigger',
    'spec.dependencies[0].filter',
    'spec.dependencies[1].filters.data[0].values',
    'spec.triggers[0].template.k8s.parameters[0].src.datakey',
    'spec.triggers[0].template.k8s.verb',
    'spec.triggers[0].retryStrategy.delay',
    'spec.triggers[0].dlqTrigger.dlqTrigger',
  ]);
});

test('a sensor without a spec, or with one of another shape, has none', () => {
  for (const manifest of [undefined, {}, { spec: 'x' }, { spec: { triggers: { a: 1 } } }]) {
    expect(unknownSensorFields(manifest)).toEqual([]);
  }
});
