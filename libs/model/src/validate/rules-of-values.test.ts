// Covers the rules about variables, arguments, enums, outputs and artifacts, one test for each, with
// the place that the message points to. Leaves out names and kinds (rules-of-templates.test.ts).
import { expect, it } from 'vitest';
import {
  dagOf,
  describeRules,
  problemsOf,
  specOf,
  stepsOf,
  workflowOf,
} from '../testing/rule-table.ts';

const main = (fields: string): string => workflowOf(`- {name: main, ${fields}}`);
const echoed = (tag: string): string => main(`container: {image: i, args: [§'${tag}']}`);
const passed = (tag: string): string => `arguments: {parameters: [{name: m, §value: '${tag}'}]}`;

describeRules('unresolved variables', [
  ...[
    '{{item.x}}',
    '{{steps.a.outputs.result}}',
    '{{inputs.parameters.gone}}',
    '{{inputs.artifacts.gone.path}}',
    '{{pod.ip}}',
    '{{workflow.parameters.gone}}',
    '{{tasks.a.outputs.result}}',
  ].map((tag) => ({
    rule: `a tag that begins with ${tag.slice(2).split('.')[0] ?? ''}. must be known: ${tag}`,
    text: echoed(tag),
    message: `failed to resolve ${tag}`,
  })),
  {
    rule: 'a step does not see a later step',
    text: stepsOf(
      `[{name: a, template: echo, ${passed('{{steps.b.outputs.result}}')}}], [{name: b, template: run}]`,
    ),
    message: 'failed to resolve {{steps.b.outputs.result}}',
  },
  {
    rule: 'a step does not see a step of its own group',
    text: stepsOf(
      `[{name: b, template: run}, {name: a, template: echo, ${passed('{{steps.b.status}}')}}]`,
    ),
    message: 'failed to resolve {{steps.b.status}}',
  },
  {
    rule: 'a task does not see the status of a task that it does not depend on',
    text: dagOf(
      `{name: b, template: run}, {name: a, template: echo, ${passed('{{tasks.b.status}}')}}`,
    ),
    message: 'failed to resolve {{tasks.b.status}}',
  },
  {
    rule: 'a parameter from a task that is not depended on is a missing dependency',
    text: dagOf(
      `{name: b, template: run}, {name: a, template: echo, ${passed('{{tasks.b.outputs.result}}')}}`,
    ),
    message: "missing dependency 'b' for parameter 'm'",
  },
  {
    rule: 'an artifact from a task that is not depended on is a missing dependency',
    text: dagOf(
      "{name: b, template: run}, {name: a, template: run, arguments: {artifacts: [{name: x, §from: '{{tasks.b.outputs.artifacts.o}}'}]}}",
    ),
    message: "missing dependency 'b' for artifact 'x'",
  },
  {
    rule: 'an output of a template that has no such output is not known',
    text: stepsOf(
      `[{name: b, template: run}], [{name: a, template: echo, ${passed('{{steps.b.outputs.parameters.p}}')}}]`,
    ),
    message: 'failed to resolve {{steps.b.outputs.parameters.p}}',
  },
  {
    rule: 'an item is known only in a loop',
    text: stepsOf(`[{name: a, template: echo, ${passed('{{item.x}}')}}]`),
    message: 'failed to resolve {{item.x}}',
  },
  {
    rule: 'workflow.status is known only at the exit of a workflow that has one',
    text: echoed('{{workflow.status}}'),
    message: 'failed to resolve {{workflow.status}}',
  },
  {
    rule: 'workflow.failures is known only at the exit of a workflow that has one',
    text: echoed('{{workflow.failures}}'),
    message: 'failed to resolve {{workflow.failures}}',
  },
]);

it('tags that begin with anything else are let pass', () => {
  expect(problemsOf(echoed('{{user.name}} {{other}}').replace('§', ''))).toEqual([]);
});

it('workflow.status is known when there is an exit handler', () => {
  const templates =
    "- {name: main, suspend: {}}\n- {name: end, container: {image: i, args: ['{{workflow.status}}']}}";
  expect(problemsOf(workflowOf(templates, 'onExit: end'))).toEqual([]);
});

describeRules('arguments', [
  {
    rule: 'a step passes the parameters that its template needs',
    text: stepsOf('[§{name: a, template: echo}]'),
    message: 'templates.main.steps[0].a templates.echo inputs.parameters.m was not supplied',
  },
  {
    rule: 'a task passes the parameters that its template needs',
    text: dagOf('§{name: a, template: echo}'),
    message: 'templates.main.tasks.a templates.echo inputs.parameters.m was not supplied',
  },
  {
    rule: 'a step passes the artifacts that its template needs',
    text: workflowOf(
      '- {name: main, steps: [[§{name: a, template: take}]]}\n- {name: take, inputs: {artifacts: [{name: f, path: /f}]}, container: {image: i}}',
    ),
    message: 'templates.take inputs.artifacts.f was not supplied',
  },
  {
    rule: 'the workflow passes the parameters that its entrypoint needs',
    text: main('inputs: {parameters: [{name: p}]}, suspend: {}').replace(
      'entrypoint',
      '§entrypoint',
    ),
    message: 'templates.main inputs.parameters.p was not supplied',
  },
  {
    rule: 'a parameter of the workflow has a value',
    text: specOf('arguments: {parameters: [§{name: p}]}'),
    message: 'spec.arguments.p.value or spec.arguments.p.valueFrom is required',
  },
  {
    rule: 'a parameter of a step has a value',
    text: stepsOf('[{name: a, template: echo, arguments: {parameters: [§{name: m}]}}]'),
    message:
      'templates.main.steps[0].a.arguments.m.value or templates.main.steps[0].a.arguments.m.valueFrom is required',
  },
  {
    rule: 'an artifact of the workflow lies somewhere',
    text: specOf('arguments: {artifacts: [§{name: a}]}'),
    message: 'from, artifact location, or key is required',
  },
  {
    rule: 'the value of an argument does not come from a path',
    text: specOf('arguments: {parameters: [{name: p, §valueFrom: {path: /x}}]}'),
    message: 'valueFrom only allows: default, configMapKeyRef and supplied',
  },
  {
    rule: 'an enum has at least one value',
    text: specOf('arguments: {parameters: [{name: p, value: x, §enum: []}]}'),
    message: 'spec.arguments.p.enum should contain at least one value',
  },
  {
    rule: 'a value is one of its enum',
    text: specOf('arguments: {parameters: [{name: p, §value: x, enum: [a, b]}]}'),
    message: 'spec.arguments.p.value should be present in spec.arguments.p.enum list',
  },
  {
    rule: 'an argument artifact has from or fromExpression, not both',
    text: specOf('arguments: {artifacts: [{name: a, from: x, §fromExpression: y}]}'),
    message: "shouldn't have both `from` and `fromExpression`",
  },
  {
    rule: 'an input artifact is not taken from elsewhere by itself',
    text: main('inputs: {artifacts: [{name: a, path: /x, §from: y}]}, container: {image: i}'),
    message: 'inputs.artifacts.a.from not valid in inputs',
  },
]);

it('a parameter of the workflow may lack its value while it is only linted', () => {
  expect(problemsOf(specOf('arguments: {parameters: [{name: p}]}'), { lint: true })).toEqual([]);
});

const output = (kind: string, text: string): string =>
  main(`${kind}, outputs: {parameters: [${text}]}`);
const IMAGE = 'container: {image: i}';

describeRules('outputs', [
  {
    rule: 'an output parameter has a source',
    text: output(IMAGE, '§{name: p}'),
    message: 'outputs.parameters.p does not have valueFrom or value specified',
  },
  {
    rule: 'an output parameter has one source',
    text: output(IMAGE, '§{name: p, value: x, valueFrom: {path: /x}}'),
    message: 'outputs.parameters.p has both valueFrom and value specified',
  },
  {
    rule: 'an output parameter has one kind of source',
    text: output(IMAGE, '{name: p, §valueFrom: {path: /x, parameter: y}}'),
    message: 'outputs.parameters.p.valueFrom: multiple valueFrom types specified',
  },
  ...(
    [
      [IMAGE, 'Container'],
      ['script: {image: i, source: x}', 'Script'],
      ['containerSet: {containers: [{name: main, image: i}]}', 'ContainerSet'],
    ] as const
  ).map(([kind, name]) => ({
    rule: `an output parameter of a ${name} template comes from a path`,
    text: output(kind, '{name: p, §valueFrom: {parameter: x}}'),
    message: `outputs.parameters.p.valueFrom.path must be specified for ${name} templates`,
  })),
  {
    rule: 'an output parameter of steps comes from a parameter or an expression',
    text: output('steps: [[]]', '{name: p, §valueFrom: {path: /x}}'),
    message: '.parameter or expression must be specified for Steps templates',
  },
  {
    rule: 'an output parameter of a DAG comes from a parameter or an expression',
    text: output(
      'dag: {tasks: [{name: a, inline: {suspend: {}}}]}',
      '{name: p, §valueFrom: {path: /x}}',
    ),
    message: '.parameter or expression must be specified for DAG templates',
  },
  {
    rule: 'an output parameter of a resource comes from a filter or a path in it',
    text: output('resource: {action: get}', '{name: p, §valueFrom: {path: /x}}'),
    message: '.jqFilter or jsonPath must be specified for Resource templates',
  },
  {
    rule: 'an output artifact has from or fromExpression, not both',
    text: main('steps: [[]], outputs: {artifacts: [{name: a, from: x, §fromExpression: y}]}'),
    message: "shouldn't have both `from` and `fromExpression`",
  },
  {
    rule: 'an output artifact of a container has a path',
    text: main('container: {image: i}, outputs: {artifacts: [§{name: a}]}'),
    message: 'outputs.artifacts.a.path not specified',
  },
]);
