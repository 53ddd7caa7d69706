import type { Template, Workflow } from '@argosy/model';

/** Makes a workflow of about so many nodes. */
export type Shape = (nodes: number) => Workflow;

const PARAMETER_X = { inputs: { parameters: [{ name: 'x' }] } };

/** A leaf with one input, which becomes an argument of its command: the plainest task there is. */
const LEAF: Template = {
  name: 'leaf',
  ...PARAMETER_X,
  container: { image: 'busybox', command: ['echo'], args: ['{{inputs.parameters.x}}'] },
};

/** Leaves of the `middle` template of the nested shape, with the Steps node and its two groups. */
const NODES_PER_MIDDLE = 5;

function workflowOf(templates: readonly Template[]): Workflow {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name: 'bench' },
    spec: { entrypoint: 'main', templates: [...templates, LEAF] },
  };
}

const argument = (value: string): { parameters: { name: string; value: string }[] } => ({
  parameters: [{ name: 'x', value }],
});

function fanOut(nodes: number): Workflow {
  const each = {
    name: 'each',
    template: 'leaf',
    arguments: argument('{{item}}'),
    withSequence: { count: String(nodes) },
  };
  return workflowOf([{ name: 'main', steps: [[each]] }]);
}

function chain(nodes: number): Workflow {
  const tasks = Array.from({ length: nodes }, (_, index) => ({
    name: `t${index}`,
    template: 'leaf',
    arguments: argument(String(index)),
    ...(index === 0 ? {} : { dependencies: [`t${index - 1}`] }),
  }));
  return workflowOf([{ name: 'main', dag: { tasks } }]);
}

/** As many rows as columns; each task waits for two neighbours of the row above. */
function lattice(nodes: number): Workflow {
  const width = Math.floor(Math.sqrt(nodes));
  const tasks = Array.from({ length: width * width }, (_, index) => {
    const row = Math.floor(index / width);
    const column = index % width;
    const above = [column, (column + 1) % width].map((each) => `t${row - 1}x${each}.Succeeded`);
    return {
      name: `t${row}x${column}`,
      template: 'leaf',
      arguments: argument('1'),
      ...(row === 0 ? {} : { depends: above.join(' && ') }),
    };
  });
  return workflowOf([{ name: 'main', dag: { tasks } }]);
}

/** A loop over a steps template whose second leaf takes the result of its first. */
function nested(nodes: number): Workflow {
  const each = {
    name: 'each',
    template: 'middle',
    arguments: argument('{{item}}'),
    withSequence: { count: String(Math.floor(nodes / NODES_PER_MIDDLE)) },
  };
  const first = {
    name: 'first',
    template: 'leaf',
    arguments: argument('{{inputs.parameters.x}}'),
  };
  const second = {
    name: 'second',
    template: 'leaf',
    arguments: argument('{{steps.first.outputs.result}}'),
  };
  return workflowOf([
    { name: 'main', steps: [[each]] },
    { name: 'middle', ...PARAMETER_X, steps: [[first], [second]] },
  ]);
}

/** The shapes of the bench by the names that the table shows. */
export const SHAPES: Readonly<Record<string, Shape>> = {
  'fan-out': fanOut,
  chain,
  'diamond-lattice': lattice,
  'nested-steps': nested,
};
