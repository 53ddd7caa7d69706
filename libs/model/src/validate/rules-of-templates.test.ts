// Covers the rules about names, templates and what they hold, one test for each, with the place that
// the message points to. Leaves out loops, variables, DAGs and the spec (rules-of-flow.test.ts,
// rules-of-values.test.ts, rules-of-manifests.test.ts).
import { describeRules, specOf, stepsOf, workflowOf, dagOf } from '../testing/rule-table.ts';

const main = (fields: string): string => workflowOf(`- {name: main, ${fields}}`);
const LONG = 'x'.repeat(129);

describeRules('names', [
  {
    rule: 'a template has a name',
    text: workflowOf('- {name: main, suspend: {}}\n- §{suspend: {}}'),
    message: 'templates[1].name is required',
  },
  {
    rule: 'a template name is unique',
    text: workflowOf('- {name: main, suspend: {}}\n- {§name: main, suspend: {}}'),
    message: "spec.templates[1].name 'main' is not unique",
  },
  {
    rule: 'a template name consists of letters, digits and dashes',
    text: workflowOf('- {name: main, suspend: {}}\n- {§name: a_b, suspend: {}}'),
    message: "'a_b' is invalid",
  },
  {
    rule: 'a name has at most 128 characters',
    text: workflowOf(`- {name: main, suspend: {}}\n- {§name: ${LONG}, suspend: {}}`),
    message: 'must be no more than 128 characters long',
  },
  {
    rule: 'a step has a name',
    text: stepsOf('[§{template: run}]'),
    message: 'templates.main.steps[0].name is required',
  },
  {
    rule: 'a step name is unique in its template, not only in its group',
    text: stepsOf('[{name: a, template: run}], [{§name: a, template: run}]'),
    message: "templates.main.steps[1].name 'a' is not unique",
  },
  {
    rule: 'a step name consists of letters, digits and dashes',
    text: stepsOf('[{§name: a.b, template: run}]'),
    message: "templates.main.steps[0].name 'a.b' is invalid",
  },
  {
    rule: 'a task has a name',
    text: dagOf('§{template: run}'),
    message: 'name is required',
  },
  {
    rule: 'a task name is unique',
    text: dagOf('{name: a, template: run}, {§name: a, template: run}'),
    message: "templates.main.tasks[1].name 'a' is not unique",
  },
  {
    rule: 'a task name consists of letters, digits and dashes',
    text: dagOf('{§name: a_b, template: run}'),
    message: "templates.main.tasks[0].name: 'a_b' is invalid",
  },
  {
    rule: 'an input parameter has a name',
    text: main('inputs: {parameters: [§{value: x}]}, suspend: {}'),
    message: 'name is required',
  },
  {
    rule: 'an input parameter name is unique',
    text: main('inputs: {parameters: [{name: p, value: x}, {§name: p, value: x}]}, suspend: {}'),
    message: "templates.main.inputs.parameters[1].name 'p' is not unique",
  },
  {
    rule: 'a parameter name may also hold underscores, but no dots',
    text: main(
      'inputs: {parameters: [{name: a_b, value: x}, {§name: a.b, value: x}]}, suspend: {}',
    ),
    message: "templates.main.inputs.parameters[1].name: 'a.b' is invalid",
  },
  {
    rule: 'an input artifact has a name',
    text: main('inputs: {artifacts: [§{path: /x, raw: {data: d}}]}, container: {image: i}'),
    message: 'name is required',
  },
  {
    rule: 'an output parameter name is unique',
    text: main(
      'container: {image: i}, outputs: {parameters: [{name: p, valueFrom: {path: /x}}, {§name: p, valueFrom: {path: /y}}]}',
    ),
    message: "templates.main.outputs.parameters[1].name 'p' is not unique",
  },
  {
    rule: 'an output artifact name is well-formed',
    text: main('container: {image: i}, outputs: {artifacts: [{§name: a b, path: /x}]}'),
    message: "templates.main.outputs.artifacts[0].name: 'a b' is invalid",
  },
  {
    rule: 'an argument of the workflow has a name',
    text: specOf('arguments: {parameters: [§{value: x}]}'),
    message: 'name is required',
  },
  {
    rule: 'an argument of the workflow is unique',
    text: specOf('arguments: {parameters: [{name: p, value: x}, {§name: p, value: y}]}'),
    message: "spec.arguments.parameters[1].name 'p' is not unique",
  },
]);

describeRules('entrypoint and references', [
  {
    rule: 'a workflow has an entrypoint',
    text: specOf('').replace('  entrypoint: main\n', '').replace('spec:', '§spec:'),
    message: 'spec.entrypoint is required',
  },
  {
    rule: 'the entrypoint is one of the templates',
    text: workflowOf('- {name: other, suspend: {}}').replace('entrypoint: ', '§entrypoint: '),
    message: "template name 'main' undefined",
  },
  {
    rule: 'the exit handler is one of the templates',
    text: specOf('§onExit: gone'),
    message: "template name 'gone' undefined",
  },
  {
    rule: 'a step calls a template that exists',
    text: stepsOf('[{name: a, §template: gone}]'),
    message: "templates.main.steps[0].a template name 'gone' undefined",
  },
  {
    rule: 'a task calls a template that exists',
    text: dagOf('{name: a, §template: gone}'),
    message: "templates.main.tasks.a template name 'gone' undefined",
  },
  {
    rule: 'a template reference leads somewhere',
    text: stepsOf('[{name: a, §templateRef: {name: gone, template: x}}]'),
    message: 'template reference gone.x not found',
  },
]);

describeRules('the kind of a template', [
  {
    rule: 'a template has a kind',
    text: workflowOf('- §{name: main}'),
    message: 'templates.main template type unspecified. choose one of',
  },
  {
    rule: 'a template has only one kind',
    text: workflowOf('- §{name: main, suspend: {}, container: {image: i}}'),
    message: 'templates.main multiple template types specified',
  },
  {
    rule: 'a container has an image, here or in templateDefaults',
    text: main('§container: {args: [x]}'),
    message: 'templates.main.container.image may not be empty',
  },
  {
    rule: 'a script has an image, here or in templateDefaults',
    text: main('§script: {source: x}'),
    message: 'templates.main.script.image may not be empty',
  },
]);

describeRules('fields of some kinds only', [
  {
    rule: 'activeDeadlineSeconds is a positive integer or a variable',
    text: main('§activeDeadlineSeconds: 0, container: {image: i}'),
    message: 'activeDeadlineSeconds must be a positive integer > 0 or an argo variable',
  },
  {
    rule: 'activeDeadlineSeconds as a text is a positive integer or a variable',
    text: main('§activeDeadlineSeconds: soon, container: {image: i}'),
    message: 'activeDeadlineSeconds must be a positive integer > 0 or an argo variable',
  },
  {
    rule: 'activeDeadlineSeconds is for leaf templates',
    text: stepsOf('[{name: a, template: run}]', '§activeDeadlineSeconds: 5, '),
    message: 'activeDeadlineSeconds is only valid for leaf templates',
  },
  {
    rule: 'parallelism is for steps and DAGs',
    text: main('§parallelism: 2, container: {image: i}'),
    message: 'parallelism is only valid for steps and dag templates',
  },
  {
    rule: 'steps have no timeout',
    text: stepsOf('[{name: a, template: run}]', '§timeout: 5s, '),
    message: "Steps template doesn't support timeout field",
  },
  {
    rule: 'a DAG has no timeout',
    text: workflowOf(
      '- {name: main, §timeout: 5s, dag: {tasks: [{name: a, template: run}]}}\n- {name: run, suspend: {}}',
    ),
    message: "DAG template doesn't support timeout field",
  },
  {
    rule: 'a timeout is a duration with a unit',
    text: main('§timeout: "5", container: {image: i}'),
    message: 'main has invalid duration format in timeout',
  },
  {
    rule: 'a retry policy is a known one',
    text: main('retryStrategy: {§retryPolicy: Never}, container: {image: i}'),
    message: 'Never is not a valid RetryPolicy',
  },
  {
    rule: 'the retry policy of the workflow is a known one',
    text: specOf('retryStrategy: {§retryPolicy: Never}'),
    message: 'spec Never is not a valid RetryPolicy',
  },
  {
    rule: 'pod resources are not for HTTP templates',
    text: main('§podResources: {limits: {cpu: 1}}, http: {url: "http://x"}'),
    message: 'podResources is not supported for HTTP templates',
  },
  {
    rule: 'resource claims are not for steps',
    text: stepsOf('[{name: a, template: run}]', '§resourceClaims: [{name: c}], '),
    message: 'resourceClaims is not supported for Steps templates',
  },
]);

describeRules('mounts', [
  {
    rule: 'no two input artifacts lie at one path',
    text: main(
      'inputs: {artifacts: [{name: a, path: /x, raw: {data: d}}, {name: b, §path: /x, raw: {data: d}}]}, container: {image: i}',
    ),
    message: "path '/x' already mounted in inputs.artifacts.a",
  },
  {
    rule: 'no volume is mounted where an input artifact lies',
    text: main(
      'inputs: {artifacts: [{name: a, path: /x, raw: {data: d}}]}, container: {image: i, volumeMounts: [§{name: v, mountPath: /x}]}',
    ),
    message: "'/x' already mounted in inputs.artifacts.a",
  },
  {
    rule: 'input artifacts of steps have no path',
    text: stepsOf(
      '[{name: a, template: run}]',
      'inputs: {artifacts: [{name: a, §path: /x, raw: {data: d}}]}, ',
    ),
    message: 'inputs.artifacts.a.path only valid in container/script templates',
  },
  {
    rule: 'output artifacts of steps have no path',
    text: stepsOf('[{name: a, template: run}]', 'outputs: {artifacts: [{name: a, §path: /x}]}, '),
    message: 'outputs.artifacts.a.path only valid in container/script templates',
  },
]);

describeRules('container sets and other containers', [
  {
    rule: 'a dependency of a container set is one of its containers',
    text: main('containerSet: {containers: [{name: b, image: i, §dependencies: [c]}]}'),
    message: "dependency 'c' not defined",
  },
  {
    rule: 'containers of a set do not wait for each other in a circle',
    text: main(
      'containerSet: {§containers: [{name: a, image: i, dependencies: [b]}, {name: b, image: i, dependencies: [a]}]}',
    ),
    message: 'dependency cycle detected: a->b->a',
  },
  {
    rule: 'a container set with outputs has a container named main',
    text: main(
      'containerSet: {§containers: [{name: a, image: i}]}, outputs: {parameters: [{name: p, valueFrom: {path: /x}}]}',
    ),
    message: 'must have a container named "main" for input or output',
  },
  ...['init', 'wait', 'supervisor'].map((name) => ({
    rule: `a container of a set is not named ${name}`,
    text: main(`containerSet: {containers: [{§name: ${name}, image: i}]}`),
    message: `'${name}' is a reserved Argo container name`,
  })),
  {
    rule: 'init containers have names',
    text: main('initContainers: [§{image: i}], container: {image: i}'),
    message: 'initContainers must all have container name',
  },
  {
    rule: 'sidecars have names',
    text: main('sidecars: [§{image: i}], container: {image: i}'),
    message: 'sidecars must all have container name',
  },
  {
    rule: 'a sidecar is not named as one of Argo’s containers',
    text: main('sidecars: [{§name: wait, image: i}], container: {image: i}'),
    message: "'wait' is a reserved Argo container name",
  },
]);

describeRules('resources', [
  {
    rule: 'the action is a known one',
    text: main('resource: {§action: make, manifest: "a: 1"}'),
    message:
      'templates.main.resource.action must be one of: get, create, apply, delete, replace, patch',
  },
  {
    rule: 'the manifest is YAML',
    text: main('resource: {action: create, §manifest: "a: b: c"}'),
    message: 'templates.main.resource.manifest must be a valid yaml',
  },
  {
    rule: 'there is a manifest or manifestFrom',
    text: main('§resource: {action: create}'),
    message:
      'either templates.main.resource.manifest or templates.main.resource.manifestFrom must be',
  },
  {
    rule: 'there are not both a manifest and manifestFrom',
    text: main(
      'resource: {action: create, §manifest: "a: 1", manifestFrom: {artifact: {name: a, raw: {data: x}}}}',
    ),
    message: 'either templates.main.resource.manifest or templates.main.resource.manifestFrom',
  },
]);
