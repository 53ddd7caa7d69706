// Covers the rules about loops, DAGs and hooks, one test for each, with the place that the message
// points to. Leaves out the grammar of `depends` (dag.test.ts) and variables (rules-of-values.test.ts).
import { dagOf, describeRules, specOf, stepsOf, workflowOf } from '../testing/rule-table.ts';

const looped = (loop: string): string => stepsOf(`[§{name: a, template: run, ${loop}}]`);
const ONE_LOOP = 'only one of withItems, withParam, withSequence can be specified';

describeRules('loops', [
  {
    rule: 'a step has items or a parameter to loop over, not both',
    text: looped('withItems: [1], withParam: "[]"'),
    message: ONE_LOOP,
  },
  {
    rule: 'a step has items or a sequence to loop over, not both',
    text: looped('withItems: [1], withSequence: {count: 1}'),
    message: ONE_LOOP,
  },
  {
    rule: 'a task has a parameter or a sequence to loop over, not both',
    text: dagOf('§{name: a, template: run, withParam: "[]", withSequence: {count: 1}}'),
    message: ONE_LOOP,
  },
  {
    rule: 'a sequence has a count or an end, not both',
    text: stepsOf('[{name: a, template: run, withSequence: {count: 1, §end: 2}}]'),
    message: 'only one of count or end can be defined in withSequence',
  },
  {
    rule: 'a sequence without count and end is found before the run',
    text: stepsOf('[{name: a, template: run, §withSequence: {start: 1}}]'),
    message: 'must have at least one of count or end in withSequence',
  },
]);

const RUN = 'template: run';

describeRules('a DAG', [
  {
    rule: 'has at least one task',
    text: workflowOf('- {name: main, §dag: {tasks: []}}'),
    message: 'templates.main must have at least one task',
  },
  {
    rule: 'has no circle of dependencies',
    text: workflowOf(
      `- {name: main, dag: {§tasks: [{name: a, ${RUN}, dependencies: [b]}, {name: b, ${RUN}, dependencies: [a]}]}}\n- {name: run, suspend: {}}`,
    ),
    message: 'templates.main tasks dependency cycle detected: a->b->a',
  },
  {
    rule: 'has no circle in depends',
    text: workflowOf(
      `- {name: main, dag: {§tasks: [{name: a, ${RUN}, depends: b.Failed}, {name: b, ${RUN}, depends: a}]}}\n- {name: run, suspend: {}}`,
    ),
    message: 'templates.main tasks dependency cycle detected: a->b->a',
  },
  {
    rule: 'names in dependencies only tasks it has',
    text: dagOf(`{name: a, ${RUN}, §dependencies: [b]}`),
    message: "templates.main.tasks.a dependency 'b' not defined",
  },
  {
    rule: 'names in depends only tasks it has',
    text: dagOf(`{name: a, ${RUN}, §depends: b.Failed}`),
    message: "templates.main.tasks.a dependency 'b' not defined",
  },
  {
    rule: 'names as targets only tasks it has',
    text: dagOf(`{name: a, ${RUN}}`, '§target: a b, '),
    message: "templates.main target 'b' is not defined",
  },
  {
    rule: 'uses depends or dependencies, not both',
    text: dagOf(
      `{name: a, ${RUN}}, {name: b, ${RUN}, depends: a}, §{name: c, ${RUN}, dependencies: [a]}`,
    ),
    message: "templates.main cannot use both 'depends' and 'dependencies' in the same DAG template",
  },
  {
    rule: 'that uses depends has no continueOn',
    text: dagOf(`{name: a, ${RUN}, §continueOn: {failed: true}}, {name: b, ${RUN}, depends: a}`),
    message: "templates.main cannot use 'continueOn' when using 'depends'",
  },
  {
    rule: 'that uses depends has no task name that begins with a digit',
    text: dagOf(`{§name: 5a, ${RUN}}, {name: b, ${RUN}, depends: 5a}`),
    message: 'tasks.5a name cannot begin with a digit when using either',
  },
  {
    rule: 'that uses dependencies has no task name that begins with a digit',
    text: dagOf(`{§name: 5a, ${RUN}}, {name: b, ${RUN}, dependencies: [5a]}`),
    message: 'tasks.5a name cannot begin with a digit when using either',
  },
  {
    rule: 'asks in depends only for results there are',
    text: dagOf(`{name: A, ${RUN}}, {name: b, ${RUN}, §depends: A.X}`),
    message: "task result 'X' for task 'A' is invalid",
  },
  ...['AnySucceeded', 'AllFailed'].map((result) => ({
    rule: `asks for ${result} only of a task with items`,
    text: dagOf(`{name: a, ${RUN}}, {name: b, ${RUN}, §depends: a.${result}}`),
    message: `a.${result}, but 'a' does not contain any items`,
  })),
]);

describeRules('hooks', [
  {
    rule: 'a hook of the workflow other than exit has an expression',
    text: specOf('hooks: {§later: {template: main}}'),
    message: 'hooks.later Expression required',
  },
  {
    rule: 'a hook of a step other than exit has an expression',
    text: stepsOf(`[{name: a, ${RUN}, hooks: {§later: {${RUN}}}}]`),
    message: 'templates.main.steps[0].a.later Expression required',
  },
  {
    rule: 'a hook of a task other than exit has an expression',
    text: dagOf(`{name: a, ${RUN}, hooks: {§later: {${RUN}}}}`),
    message: 'templates.main.tasks.a.later Expression required',
  },
  {
    rule: 'a hook calls a template that exists',
    text: specOf('hooks: {exit: {§template: gone}}'),
    message: "template name 'gone' undefined",
  },
]);
