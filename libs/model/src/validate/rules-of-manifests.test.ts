// Covers the rules about the spec, metrics, cron workflows, references to whole templates and strict
// reading, one test for each, with the place that the message points to. Leaves out templates
// (rules-of-templates.test.ts).
import { describeRules, specOf, workflowOf } from '../testing/rule-table.ts';

const metric = (fields: string): string => specOf(`metrics: {prometheus: [${fields}]}`);

describeRules('metrics', [
  {
    rule: 'a metric name holds letters, digits and underscores',
    text: metric('{§name: a.b, help: h, counter: {value: "1"}}'),
    message: "metric name 'a.b' is invalid",
  },
  {
    rule: 'a label of a metric holds letters, digits and underscores',
    text: metric('{name: a, help: h, labels: [{§key: a-b, value: x}], counter: {value: "1"}}'),
    message: "metric label 'a-b' is invalid",
  },
  {
    rule: 'a metric has a help text',
    text: metric('§{name: a, counter: {value: "1"}}'),
    message: "metric 'a' must contain a help string under 'help: ' field",
  },
  ...['gauge', 'counter', 'histogram'].map((kind) => ({
    rule: `a ${kind} has a value`,
    text: metric(
      `{name: a, help: h, §${kind}: {value: ""${kind === 'histogram' ? ', buckets: [1]' : ''}}}`,
    ),
    message: `missing ${kind}.value`,
  })),
  {
    rule: 'a real-time metric does not use resourcesDuration',
    text: metric(
      '{name: a, help: h, gauge: {§realtime: true, value: "{{resourcesDuration.cpu}}"}}',
    ),
    message: "'resourcesDuration.*' metrics cannot be used in real-time",
  },
  {
    rule: 'the metrics of a template keep the same rules',
    text: workflowOf(
      '- {name: main, suspend: {}, metrics: {prometheus: [{§name: a.b, help: h, counter: {value: "1"}}]}}',
    ),
    message: "templates.main metric name 'a.b' is invalid",
  },
]);

describeRules('fields of the spec', [
  {
    rule: 'the strategy of podGC is a known one',
    text: specOf('podGC: {§strategy: Foo}'),
    message: "podGC.strategy unknown strategy 'Foo'",
  },
  {
    rule: 'the label selector of podGC is well-formed',
    text: specOf('podGC: {§labelSelector: {matchExpressions: [{key: a, operator: Is}]}}'),
    message: 'podGC.labelSelector invalid',
  },
  {
    rule: 'an executor plugin has a name',
    text: specOf(
      'executorPlugins: [§{spec: {sidecar: {container: {image: i, ports: [{containerPort: 1}]}}}}]',
    ),
    message: 'metadata name is mandatory',
  },
  {
    rule: 'an executor plugin has a port',
    text: specOf('executorPlugins: [§{metadata: {name: a}}]'),
    message: 'at least one port is mandatory',
  },
  {
    rule: 'a workflow name has at most 63 characters',
    text: specOf('').replace('{name: w}', `{§name: ${'x'.repeat(64)}}`),
    message: 'must not be more than 63 characters long',
  },
]);

const cron = (fields: string, name = 'name: c'): string => `apiVersion: argoproj.io/v1alpha1
kind: CronWorkflow
metadata: {${name}}
spec:
  ${fields}
  workflowSpec: {entrypoint: main, templates: [{name: main, suspend: {}}]}
`;

describeRules('cron workflows', [
  {
    rule: 'there is at least one schedule',
    text: cron('suspend: true').replace('spec:', '§spec:'),
    message: 'cron workflow must have at least one schedule',
  },
  {
    rule: 'a schedule is well-formed',
    text: cron('schedules: ["@daily", §"61 * * * *"]'),
    message: 'cron schedule 61 * * * * is malformed',
  },
  {
    rule: 'the time zone exists',
    text: cron('schedules: ["@daily"]\n  §timezone: Mars/Olympus'),
    message: 'invalid timezone "Mars/Olympus"',
  },
  {
    rule: 'the concurrency policy is a known one',
    text: cron('schedules: ["@daily"]\n  §concurrencyPolicy: Wait'),
    message: "'Wait' is not a valid concurrencyPolicy",
  },
  {
    rule: 'the deadline for starting is positive',
    text: cron('schedules: ["@daily"]\n  §startingDeadlineSeconds: -1'),
    message: 'startingDeadlineSeconds must be positive',
  },
  {
    rule: 'a name has at most 52 characters',
    text: cron('schedules: ["@daily"]', `§name: ${'x'.repeat(53)}`),
    message: 'must not be more than 52 characters long',
  },
]);

const LIBRARY = `---
apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: {name: library}
spec: {entrypoint: main, templates: [{name: main, suspend: {}}]}
`;
const referring = (spec: string): string => `apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: w}
spec: {${spec}}
${LIBRARY}`;

describeRules('a reference to a whole template', [
  {
    rule: 'leads somewhere',
    text: referring('workflowTemplateRef: {§name: gone}'),
    message: 'WorkflowTemplate "gone" not found',
  },
  {
    rule: 'excludes templates of the workflow',
    text: referring(
      'workflowTemplateRef: {name: library}, §templates: [{name: main, suspend: {}}]',
    ),
    message: 'Templates is invalid field in spec if workflow referred WorkflowTemplate reference',
  },
]);

describeRules('strict reading', [
  {
    rule: 'a field that Argo does not know is refused',
    text: specOf('§nonsense: 1'),
    message: 'unknown field',
  },
  {
    rule: 'a field of the wrong type is refused',
    text: specOf('§parallelism: many'),
    message: 'parallelism',
  },
  {
    rule: 'a text that is no YAML is refused where it stops to be',
    text: 'a: [1\n§b: 2\n',
    message: 'not valid YAML',
  },
]);
