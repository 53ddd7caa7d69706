// Covers the validation rules of workflows as a user meets them: message, field and place.
// Leaves out reading of texts (parse/) and rules of cron workflows (cron-workflow.test.ts).
import { describe, expect, it } from 'vitest';
import {
  createTemplateLookup,
  formatProblem,
  parseManifests,
  validateParsed,
  type ValidateOptions,
} from '../index.ts';

/** Problems of the first manifest of a text; the others can be referred to. */
function problemsIn(text: string, options: ValidateOptions = {}): readonly string[] {
  const { manifests, problems } = parseManifests(text, { strict: true });
  expect(problems).toEqual([]);
  const [first] = manifests;
  if (first === undefined) throw new Error('the test needs a manifest');
  const lookup = createTemplateLookup(manifests.map(({ manifest }) => manifest));
  return validateParsed(first, { lookup, ...options }).map(formatProblem);
}

/** A workflow of these templates (YAML, a list) that begins with `main`. */
function workflowOf(templates: string, spec = ''): string {
  const head = 'apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: w}\nspec:\n';
  const lines = templates.trim().split('\n');
  const indented = lines.map((line) => `  ${line}`).join('\n');
  const more = spec === '' ? '' : `  ${spec.trim().split('\n').join('\n  ')}\n`;
  return `${head}  entrypoint: main\n${more}  templates:\n${indented}\n`;
}

const ECHO = `
- name: echo
  inputs: {parameters: [{name: m}]}
  container: {image: busybox, args: ['{{inputs.parameters.m}}']}
`;

const RUN = '- {name: run, container: {image: busybox}}';

/** Joined, so that one expectation can look for the one message of interest. */
function messagesOf(templates: string, spec?: string, options?: ValidateOptions): string {
  return problemsIn(workflowOf(templates, spec), options).join('\n');
}

describe('a sound workflow', () => {
  it('has no problems', () => {
    const templates = `
- name: main
  dag:
    tasks:
    - {name: a, template: echo, arguments: {parameters: [{name: m, value: '{{workflow.name}}'}]}}
    - name: b
      depends: a.Succeeded || a.Failed
      template: echo
      withParam: '{{tasks.a.outputs.result}}'
      arguments: {parameters: [{name: m, value: '{{item.x}} {{tasks.a.status}}'}]}
    - {name: c, depends: b.AnySucceeded, template: echo, arguments: {parameters: [{name: m, value: '{{=1 + 1}}'}]}}
${ECHO}`;
    expect(messagesOf(templates)).toBe('');
  });
});

describe('names', () => {
  it.each([
    ['- {name: main, suspend: {}}\n- {suspend: {}}', 'spec.templates[1].name is required'],
    ['- {name: main, suspend: {}}\n- {name: main, suspend: {}}', "'main' is not unique"],
    ['- {name: main, suspend: {}}\n- {name: a b, suspend: {}}', "'a b' is invalid"],
    [
      '- {name: main, inputs: {parameters: [{name: "p#1", value: x}]}, suspend: {}}',
      "templates.main.inputs.parameters[0].name: 'p#1' is invalid",
    ],
    [
      `- {name: main, steps: [[{name: a, template: run}], [{name: a, template: run}]]}\n${RUN}`,
      "templates.main.steps[1].name 'a' is not unique",
    ],
    [
      `- {name: main, steps: [[{template: run}]]}\n${RUN}`,
      'templates.main.steps[0].name is required',
    ],
    [`- {name: main, steps: [[{name: a_b, template: run}]]}\n${RUN}`, "'a_b' is invalid"],
  ])(
    'of templates, steps and parameters must be there, well-formed and unique: %s',
    (text, expected) => {
      expect(messagesOf(text)).toContain(expected);
    },
  );

  it('of steps may hold variables if the rest is well-formed', () => {
    const good = `- {name: main, inputs: {parameters: [{name: p, value: x}]}, steps: [[{name: 'a-{{inputs.parameters.p}}', template: run}]]}\n${RUN}`;
    expect(messagesOf(good)).toBe('');
    expect(messagesOf(good.replace('a-{{', 'a_{{'))).toContain('is invalid');
  });

  it('of workflows are at most 63 characters long', () => {
    const text = workflowOf(`- {name: main, suspend: {}}`).replace(
      'name: w',
      `name: ${'x'.repeat(64)}`,
    );
    expect(problemsIn(text)[0]).toContain(
      'must not be more than 63 characters long (currently 64)',
    );
  });
});

describe('the entrypoint', () => {
  it('is required', () => {
    const text = workflowOf(RUN).replace('  entrypoint: main\n', '');
    expect(problemsIn(text)[0]).toContain('spec.entrypoint is required');
  });

  it('must be one of the templates; the nearest name is suggested', () => {
    expect(messagesOf('- {name: mian, suspend: {}}')).toBe(
      "5:3: template name 'main' undefined: did you mean 'mian'? (spec.entrypoint)",
    );
  });
});

describe('a template', () => {
  it('has exactly one kind', () => {
    expect(messagesOf('- {name: main}')).toContain('templates.main template type unspecified');
    expect(messagesOf('- {name: main, suspend: {}, container: {image: x}}')).toContain(
      'multiple template types specified (container, suspend)',
    );
  });

  it('needs an image, which may come from templateDefaults', () => {
    const templates = '- {name: main, container: {args: [x]}}\n- {name: s, script: {source: x}}';
    expect(messagesOf(templates)).toContain('templates.main.container.image may not be empty');
    expect(messagesOf(templates)).toContain('templates.s.script.image may not be empty');
    const defaults = 'templateDefaults: {container: {image: i}, script: {image: i}}';
    expect(messagesOf(templates, defaults)).toBe('');
  });

  it.each([
    ['- {name: main, activeDeadlineSeconds: 0, suspend: {}}', 'must be a positive integer > 0'],
    ['- {name: main, activeDeadlineSeconds: x, suspend: {}}', 'must be a positive integer > 0'],
    ['- {name: main, activeDeadlineSeconds: 5, steps: [[]]}', 'is only valid for leaf templates'],
    ['- {name: main, parallelism: 2, suspend: {}}', 'parallelism is only valid for steps and dag'],
    ['- {name: main, timeout: 5s, steps: [[]]}', "Steps template doesn't support timeout field"],
    ['- {name: main, timeout: "5", suspend: {}}', 'main has invalid duration format in timeout'],
    [
      '- {name: main, retryStrategy: {retryPolicy: Never}, suspend: {}}',
      'is not a valid RetryPolicy',
    ],
    ['- {name: main, retryStrategy: {limit: many}, suspend: {}}', 'limit must be a whole number'],
    ['- {name: main, retryStrategy: {backoff: {duration: x}}, suspend: {}}', 'is no duration'],
    [
      '- {name: main, synchronization: {mutexes: [{}]}, suspend: {}}',
      'mutexes[0].name is required',
    ],
    [
      '- {name: main, synchronization: {semaphores: [{}]}, suspend: {}}',
      'exactly one of configMapKeyRef',
    ],
    [
      '- {name: main, resourceClaims: [], steps: [[]]}',
      'is not supported for Steps templates, which do not',
    ],
    ['- {name: main, resource: {action: make, manifest: a}}', 'action must be one of: get, create'],
    ['- {name: main, resource: {action: create}}', 'manifestFrom must be specified'],
    [
      '- {name: main, resource: {action: create, manifest: "a: b: c"}}',
      'manifest must be a valid yaml',
    ],
    [
      '- {name: main, initContainers: [{image: x}], container: {image: x}}',
      'initContainers must all have container name',
    ],
    [
      '- {name: main, sidecars: [{name: wait, image: x}], container: {image: x}}',
      'is a reserved Argo container name',
    ],
    [
      '- {name: main, containerSet: {containers: [{name: b, dependencies: [c]}]}}',
      "containers.b dependency 'c' not defined",
    ],
    [
      '- {name: main, containerSet: {containers: [{name: a, dependencies: [a]}]}}',
      'dependency cycle detected: a->a',
    ],
    [
      '- {name: main, containerSet: {containers: [{name: init}]}}',
      'is a reserved Argo container name',
    ],
    ['- {name: main, containerSet: {containers: []}}', 'must have at least one container'],
  ])('keeps the rules of its kind: %s', (template, expected) => {
    expect(messagesOf(template)).toContain(expected);
  });

  it('of containers needs one named main when something is passed', () => {
    const template =
      '- {name: main, containerSet: {containers: [{name: a}]}, outputs: {parameters: [{name: p, valueFrom: {path: /x}}]}}';
    expect(messagesOf(template)).toContain(
      'must have a container named "main" for input or output',
    );
  });

  it('mounts no two things at one path', () => {
    const artifacts =
      'inputs: {artifacts: [{name: a, path: /x, raw: {data: d}}, {name: b, path: /x, raw: {data: d}}]}';
    expect(messagesOf(`- {name: main, ${artifacts}, container: {image: i}}`)).toContain(
      "inputs.artifacts.b.path '/x' already mounted in inputs.artifacts.a",
    );
  });
});

describe('variables', () => {
  it.each([
    ['{{inputs.parameters.nothing}}', true],
    ['{{inputs.parameters.m}}', false],
    ['{{ inputs.parameters.m }}', false],
    ['{{workflow.parameters.nothing}}', true],
    ['{{workflow.parameters.known}}', false],
    ['{{workflow.labels.nothing}}', true],
    ['{{workflow.status}}', true],
    ['{{workflow.creationTimestamp.%Y}}', false],
    ['{{pod.name}}', false],
    ['{{steps.a.outputs.result}}', true],
    ['{{anything.else}}', false],
    ['{{=inputs.parameters.nothing}}', false],
  ])('%s in a template is refused: %s', (tag, isRefused) => {
    const templates = `
- name: main
  inputs: {parameters: [{name: m, value: x}]}
  container: {image: i, args: ['${tag}']}`;
    const messages = messagesOf(templates, 'arguments: {parameters: [{name: known, value: x}]}');
    expect(messages.includes(`failed to resolve ${tag}`)).toBe(isRefused);
  });

  it('that are misspelt are answered with the nearest one', () => {
    const templates = `
- name: main
  inputs: {parameters: [{name: message, value: x}]}
  container: {image: i, args: ['{{inputs.parameters.mesage}}']}`;
    expect(messagesOf(templates)).toContain('did you mean {{inputs.parameters.message}}?');
  });

  it('workflow.status and workflow.failures are known in the exit handler', () => {
    const templates =
      "- {name: main, suspend: {}}\n- {name: end, container: {image: i, args: ['{{workflow.status}} {{workflow.failures}}']}}";
    expect(messagesOf(templates)).toContain('failed to resolve {{workflow.status}}');
    expect(messagesOf(templates, 'onExit: end')).toBe('');
  });

  it('in expressions are not checked, but their grammar is warned of', () => {
    const templates = "- {name: main, container: {image: i, args: ['{{=1 +}}']}}";
    expect(messagesOf(templates)).toMatch(/warning: templates.main expression \{\{=1 \+\}\}/);
  });

  it('of outputs with a globalName are known everywhere', () => {
    const templates = `
- {name: main, steps: [[{name: a, template: make}], [{name: b, template: use}]]}
- {name: make, container: {image: i}, outputs: {parameters: [{name: o, globalName: g, valueFrom: {path: /o}}]}}
- {name: use, container: {image: i, args: ['{{workflow.outputs.parameters.g}}']}}`;
    expect(messagesOf(templates)).toBe('');
    expect(messagesOf(templates.replace('parameters.g}', 'parameters.h}'))).toContain(
      'failed to resolve {{workflow.outputs.parameters.h}}',
    );
  });
});

describe('steps', () => {
  it('see earlier groups only', () => {
    const templates = (value: string) => `
- name: main
  steps:
  - - {name: a, template: run}
    - {name: b, template: echo, arguments: {parameters: [{name: m, value: '${value}'}]}}
  - - {name: c, template: echo, arguments: {parameters: [{name: m, value: '{{steps.a.outputs.result}}'}]}}
${RUN}
${ECHO}`;
    expect(messagesOf(templates('x'))).toBe('');
    expect(messagesOf(templates('{{steps.a.outputs.result}}'))).toMatch(
      /^10:70: templates.main.steps\[0\].b failed to resolve \{\{steps.a.outputs.result\}\}/m,
    );
    expect(messagesOf(templates('{{steps.c.status}}'))).toContain('failed to resolve');
  });

  it('must supply what their template needs', () => {
    const templates = `- {name: main, steps: [[{name: a, template: echo}]]}\n${ECHO}`;
    expect(messagesOf(templates)).toContain(
      'templates.main.steps[0].a templates.echo inputs.parameters.m was not supplied',
    );
  });

  it('name a template that exists, in exactly one way', () => {
    const templates = (call: string) => `- {name: main, steps: [[{name: a, ${call}}]]}\n${RUN}`;
    expect(messagesOf(templates('template: rum'))).toContain(
      "templates.main.steps[0].a template name 'rum' undefined: did you mean 'run'?",
    );
    expect(messagesOf(templates('when: "true"'))).toContain('templateRef and inline is required');
    expect(messagesOf(templates('template: run, inline: {suspend: {}}'))).toContain('not several');
    expect(messagesOf(templates('inline: {suspend: {}}'))).toBe('');
    expect(messagesOf(templates('inline: {}'))).toContain('template type unspecified');
  });

  it.each([
    ['withItems: [1], withParam: "[]"', 'only one of withItems, withParam, withSequence'],
    ['withSequence: {count: 1, end: 2}', 'only one of count or end can be defined'],
    ['withSequence: {start: 1}', 'must have at least one of count or end'],
    ['withSequence: {count: x}', "withSequence.count must be a whole number, but is 'x'"],
  ])('loop in one way: %s', (loop, expected) => {
    const templates = `- {name: main, steps: [[{name: a, template: run, ${loop}}]]}\n${RUN}`;
    expect(messagesOf(templates)).toContain(expected);
  });

  it('know the fields of their items', () => {
    const templates = (field: string) =>
      `- {name: main, steps: [[{name: a, template: echo, withItems: [{x: 1}], arguments: {parameters: [{name: m, value: '{{item.${field}}}'}]}}]]}\n${ECHO}`;
    expect(messagesOf(templates('x'))).toBe('');
    expect(messagesOf(templates('y'))).toContain('failed to resolve {{item.y}}');
  });

  it('have hooks with an expression, except the exit hook', () => {
    const templates = (hook: string) =>
      `- {name: main, steps: [[{name: a, template: run, hooks: {${hook}: {template: run}}}]]}\n${RUN}`;
    expect(messagesOf(templates('later'))).toContain(
      'templates.main.steps[0].a.later Expression required',
    );
    expect(messagesOf(templates('exit'))).toBe('');
  });
});

describe('arguments', () => {
  it('of the workflow need values unless it is only linted', () => {
    const spec = 'arguments: {parameters: [{name: p}]}';
    expect(messagesOf('- {name: main, suspend: {}}', spec)).toContain(
      'spec.arguments.p.value or spec.arguments.p.valueFrom is required',
    );
    expect(messagesOf('- {name: main, suspend: {}}', spec, { lint: true })).toBe('');
  });

  it.each([
    [
      'parameters: [{name: p, valueFrom: {path: /x}}]',
      'valueFrom only allows: default, configMapKeyRef and supplied',
    ],
    ['parameters: [{name: p, value: x, enum: []}]', 'p.enum should contain at least one value'],
    [
      'parameters: [{name: p, value: x, enum: [a, b]}]',
      'p.value should be present in spec.arguments.p.enum list',
    ],
    ['artifacts: [{name: a}]', 'a.from, artifact location, or key is required'],
    [
      'artifacts: [{name: a, from: x, fromExpression: y}]',
      "shouldn't have both `from` and `fromExpression`",
    ],
  ])('are well-formed: %s', (given, expected) => {
    expect(messagesOf('- {name: main, suspend: {}}', `arguments: {${given}}`)).toContain(expected);
  });
});

describe('outputs', () => {
  it.each([
    ['container: {image: i}', '{name: p}', 'does not have valueFrom or value specified'],
    [
      'container: {image: i}',
      '{name: p, value: x, valueFrom: {path: /x}}',
      'has both valueFrom and value',
    ],
    [
      'container: {image: i}',
      '{name: p, valueFrom: {path: /x, parameter: y}}',
      'multiple valueFrom types',
    ],
    [
      'container: {image: i}',
      '{name: p, valueFrom: {parameter: x}}',
      '.path must be specified for Container templates',
    ],
    [
      'steps: [[]]',
      '{name: p, valueFrom: {path: /x}}',
      '.parameter or expression must be specified for Steps',
    ],
    [
      'resource: {action: get}',
      '{name: p, valueFrom: {path: /x}}',
      'jqFilter or jsonPath must be specified',
    ],
  ])('of %s say where they come from: %s', (kind, output, expected) => {
    const template = `- {name: main, ${kind}, outputs: {parameters: [${output}]}}`;
    expect(messagesOf(template)).toContain(expected);
  });

  it('of steps and DAGs have no path', () => {
    const template = '- {name: main, steps: [[]], outputs: {artifacts: [{name: a, path: /x}]}}';
    expect(messagesOf(template)).toContain('path only valid in container/script templates');
  });
});

describe('fields of the spec', () => {
  it.each([
    ['podGC: {strategy: Foo}', "podGC.strategy unknown strategy 'Foo'"],
    [
      'podGC: {labelSelector: {matchExpressions: [{key: a, operator: Is}]}}',
      'podGC.labelSelector invalid: "Is"',
    ],
    [
      'podResources: {limits: {gpu: 1}}',
      'spec.podResources: "gpu" is not a valid pod-level resource',
    ],
    ['executorPlugins: [{}]', 'metadata name is mandatory'],
    ['executorPlugins: [{metadata: {name: a}}]', 'at least one port is mandatory'],
    ['hooks: {later: {template: main}}', 'hooks.later Expression required'],
    ['parallelism: 0', 'spec.parallelism must be more than 0'],
    ['shutdown: Now', "spec.shutdown unknown strategy 'Now'"],
    [
      'metrics: {prometheus: [{name: a.b, help: h, counter: {value: "1"}}]}',
      "metric name 'a.b' is invalid",
    ],
    ['metrics: {prometheus: [{name: a, counter: {value: "1"}}]}', 'must contain a help string'],
    ['metrics: {prometheus: [{name: a, help: h, gauge: {value: ""}}]}', 'missing gauge.value'],
    [
      'metrics: {prometheus: [{name: a, help: h, labels: [{key: a-b, value: x}], counter: {value: "1"}}]}',
      "metric label 'a-b'",
    ],
    [
      'metrics: {prometheus: [{name: a, help: h, gauge: {realtime: true, value: "{{resourcesDuration.cpu}}"}}]}',
      'cannot be used in real-time',
    ],
  ])('keep their rules: %s', (spec, expected) => {
    expect(messagesOf('- {name: main, suspend: {}}', spec)).toContain(expected);
  });
});
