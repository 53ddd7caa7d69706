// Covers validation across manifests: references, templates by themselves, cron workflows, event
// bindings. Leaves out the rules within one workflow (workflow.test.ts, dag.test.ts).
import { describe, expect, it } from 'vitest';
import {
  createTemplateLookup,
  formatProblem,
  parseManifests,
  validateParsed,
  type ValidateOptions,
} from '../index.ts';

const ARGO = 'apiVersion: argoproj.io/v1alpha1';

function messagesOf(text: string, options: ValidateOptions = {}): string {
  const { manifests, problems } = parseManifests(text, { strict: true, file: 'f' });
  expect(problems).toEqual([]);
  const [first] = manifests;
  if (first === undefined) throw new Error('the test needs a manifest');
  const lookup = createTemplateLookup(manifests.map(({ manifest }) => manifest));
  return validateParsed(first, { lookup, ...options })
    .map(formatProblem)
    .join('\n');
}

const LIBRARY = `
---
${ARGO}
kind: WorkflowTemplate
metadata: {name: library}
spec:
  entrypoint: outer
  arguments: {parameters: [{name: who}]}
  templates:
  - {name: outer, steps: [[{name: in, template: inner}]]}
  - {name: inner, inputs: {parameters: [{name: m}]}, container: {image: i}}
  - {name: good, container: {image: i}}
`;

describe('a templateRef', () => {
  const workflow = (reference: string) => `
${ARGO}
kind: Workflow
metadata: {name: w}
spec:
  entrypoint: main
  templates:
  - name: main
    steps: [[{name: call, templateRef: {${reference}}}]]
${LIBRARY}`;

  it('is followed; problems inside are told at the call, with the way there', () => {
    expect(messagesOf(workflow('name: library, template: outer'))).toBe(
      'f:9:14: templates.main.steps[0].call templates.outer.steps[0].in templates.inner ' +
        'inputs.parameters.m was not supplied: pass it in the arguments, or give the input a default ' +
        '(spec.templates[0].steps[0][0])',
    );
    expect(messagesOf(workflow('name: library, template: good'))).toBe('');
  });

  it('must lead somewhere', () => {
    expect(messagesOf(workflow('name: library, template: none'))).toContain(
      "template reference library.none not found: WorkflowTemplate 'library' has outer, inner, good",
    );
    expect(messagesOf(workflow('name: nowhere, template: none'))).toContain(
      "template reference nowhere.none not found: there is no WorkflowTemplate 'nowhere'",
    );
    expect(messagesOf(workflow('name: library'))).toContain('template name is required');
  });

  it('with a variable is left for the run', () => {
    expect(messagesOf(workflow("name: library, template: '{{item}}'"))).toBe('');
  });
});

describe('a workflowTemplateRef', () => {
  const workflow = (more: string) => `
${ARGO}
kind: Workflow
metadata: {name: w}
spec: {workflowTemplateRef: {name: library}${more}}
${LIBRARY}`;

  it('brings arguments that need values', () => {
    expect(messagesOf(workflow(''))).toContain('spec.arguments.who.value or');
    const given = ', arguments: {parameters: [{name: who, value: x}]}, entrypoint: good';
    expect(messagesOf(workflow(given))).not.toContain('spec.arguments.who');
  });

  it('excludes templates of its own', () => {
    expect(messagesOf(workflow(', templates: [{name: a, suspend: {}}]'))).toContain(
      'Templates is invalid field in spec if workflow referred WorkflowTemplate reference',
    );
  });

  it('must lead somewhere', () => {
    const text = `${ARGO}\nkind: Workflow\nmetadata: {name: w}\nspec: {workflowTemplateRef: {name: x}}`;
    expect(messagesOf(text)).toContain('f:4:30: WorkflowTemplate "x" not found');
  });
});

describe('a template by itself', () => {
  it('may leave entrypoint, arguments and the user’s labels open', () => {
    const text = `
${ARGO}
kind: WorkflowTemplate
metadata: {name: t}
spec:
  arguments: {parameters: [{name: p}]}
  templates:
  - {name: a, container: {image: i, args: ['{{workflow.parameters.other}} {{workflow.labels.x}}']}}
`;
    expect(messagesOf(text)).toBe('');
  });

  it('may refer to a template that is applied later, with a warning', () => {
    const text = `
${ARGO}
kind: WorkflowTemplate
metadata: {name: t}
spec: {templates: [{name: a, steps: [[{name: s, templateRef: {name: later, template: x}}]]}]}
`;
    expect(messagesOf(text)).toMatch(/^f:5:\d+: warning: .*there is no WorkflowTemplate 'later'/);
    expect(messagesOf(text, { missingReference: 'error' })).not.toContain('warning');
  });
});

describe('a CronWorkflow', () => {
  const cron = (fields: string, name = 'c') => `
${ARGO}
kind: CronWorkflow
metadata: {name: ${name}}
spec:
  ${fields}
  workflowSpec: {entrypoint: main, templates: [{name: main, suspend: {}}]}
`;
  it.each([
    ['suspend: true', 'cron workflow must have at least one schedule'],
    ['schedules: ["* * * *"]', 'cron schedule * * * * is malformed'],
    ['schedules: ["* * * * *", "61 * * * *"]', 'cron schedule 61 * * * * is malformed'],
    ['{schedules: ["@daily"], timezone: Mars/Olympus}', 'invalid timezone "Mars/Olympus"'],
    ['{schedules: ["@daily"], concurrencyPolicy: Wait}', "'Wait' is not a valid concurrencyPolicy"],
    [
      '{schedules: ["@daily"], startingDeadlineSeconds: -1}',
      'startingDeadlineSeconds must be positive',
    ],
    ['{schedules: ["@daily"], stopStrategy: {expression: "1 +"}}', 'stopStrategy.expression:'],
  ])('with %s is refused: %s', (fields, expected) => {
    const flat = fields.startsWith('{') ? fields.slice(1, -1).replaceAll(', ', '\n  ') : fields;
    expect(messagesOf(cron(flat))).toContain(expected);
  });

  it('has a name of at most 52 characters', () => {
    expect(messagesOf(cron('schedules: ["@daily"]', 'x'.repeat(53)))).toContain(
      'must not be more than 52 characters long (currently 53)',
    );
  });

  it('is validated with its workflow', () => {
    const text = cron('schedules: ["@daily"]').replace('entrypoint: main', 'entrypoint: none');
    expect(messagesOf(text)).toContain("template name 'none' undefined");
    expect(messagesOf(text)).toContain('(spec.workflowSpec.entrypoint)');
    expect(messagesOf(cron('schedules: ["@daily"]'))).toBe('');
  });
});

describe('a WorkflowEventBinding', () => {
  const binding = (selector: string) => `
${ARGO}
kind: WorkflowEventBinding
metadata: {name: b}
spec: {event: {selector: ${selector}}, submit: {workflowTemplateRef: {name: library}}}
${LIBRARY}`;
  it('has a selector that is an expression', () => {
    expect(messagesOf(binding('payload.x == 1'))).toBe('');
    expect(messagesOf(binding("'payload.x =='"))).toContain('spec.event.selector:');
    expect(messagesOf(binding("''"))).toContain('spec.event.selector is required');
  });
});
