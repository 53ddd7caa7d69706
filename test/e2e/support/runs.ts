import type { Workflow, NodeStatus } from '@argosy/model';
import { eventually } from '@argosy/testkit';
import type { Installation } from './installation.ts';

const encoder = new TextEncoder();

/** Submits a manifest (an object; YAML reads JSON too) and gives the name of the run. */
export async function submit(installation: Installation, manifest: object): Promise<string> {
  const answer = await installation.workflows.submitWorkflow(
    { source: { case: 'manifest', value: encoder.encode(JSON.stringify(manifest)) } },
    { deadlineMs: 30_000 },
  );
  return answer.summary?.name ?? '';
}

/** The run as Argo's object. */
export async function getRun(installation: Installation, name: string): Promise<Workflow> {
  const answer = await installation.workflows.getWorkflow(
    { namespace: 'default', name },
    { deadlineMs: 30_000 },
  );
  const bytes = answer.workflow?.workflowJson ?? new Uint8Array();
  return JSON.parse(new TextDecoder().decode(bytes)) as Workflow;
}

/** Waits until the run is finished and gives it. */
export async function finished(
  installation: Installation,
  name: string,
  timeoutMs = 60_000,
): Promise<Workflow> {
  return eventually(
    async () => {
      const workflow = await getRun(installation, name);
      const { phase = '', finishedAt } = workflow.status ?? {};
      if (!finishedAt) throw new Error(`${name} is ${phase || 'not begun'}`);
      return workflow;
    },
    { timeoutMs, intervalMs: 100 },
  );
}

/** The nodes of a run that did work. */
export function pods(workflow: Workflow): readonly NodeStatus[] {
  return Object.values(workflow.status?.nodes ?? {}).filter((node) => node.type === 'Pod');
}

/** A manifest with a fan-out of tasks, each of which appends its number to a file outside its root. */
export function fanOut(options: {
  readonly count: number;
  readonly file: string;
  readonly sleepSeconds?: number;
}): object {
  const { count, file, sleepSeconds = 0.05 } = options;
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { generateName: 'fan-out-' },
    spec: {
      entrypoint: 'main',
      templates: [
        {
          name: 'main',
          steps: [
            [
              {
                name: 'work',
                template: 'work',
                arguments: { parameters: [{ name: 'number', value: '{{item}}' }] },
                withSequence: { count: String(count) },
              },
            ],
          ],
        },
        {
          name: 'work',
          inputs: { parameters: [{ name: 'number' }] },
          script: {
            image: 'busybox',
            command: ['sh'],
            source: `sleep ${sleepSeconds}; echo {{inputs.parameters.number}} >> ${file}; echo done`,
          },
        },
      ],
    },
  };
}
