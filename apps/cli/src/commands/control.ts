import type { WorkflowSummary } from '@argosy/api';
import type { Connection } from '../client/connection.ts';
import {
  EXIT,
  parseAssignments,
  withConnection,
  type CommandContext,
  type GlobalOptions,
} from './context.ts';
import { checkChoice, chosenRuns, type SelectionFlags } from './selection.ts';

export interface ControlFlags {
  readonly message?: string;
  readonly nodeFieldSelector?: string;
  readonly outputParameter?: readonly string[];
  readonly parameter?: readonly string[];
  readonly restartSuccessful?: boolean;
  readonly memoized?: boolean;
}

/** What can be done to a run. */
export type Verb = 'stop' | 'terminate' | 'suspend' | 'resume' | 'retry' | 'resubmit' | 'delete';

type Call = (
  connection: Connection,
  target: { readonly namespace: string; readonly name: string },
  flags: ControlFlags,
) => Promise<{ readonly summary?: WorkflowSummary | undefined }>;

/** What each verb calls, and how its success is told. */
const VERBS: Readonly<Record<Verb, { readonly done: string; readonly call: Call }>> = {
  stop: {
    done: 'stopped',
    call: ({ workflows }, target, flags) =>
      workflows.stopWorkflow({
        ...target,
        message: flags.message ?? '',
        nodeFieldSelector: flags.nodeFieldSelector ?? '',
      }),
  },
  terminate: {
    done: 'terminated',
    call: ({ workflows }, target) => workflows.terminateWorkflow(target),
  },
  suspend: {
    done: 'suspended',
    call: ({ workflows }, target) => workflows.suspendWorkflow(target),
  },
  resume: {
    done: 'resumed',
    call: ({ workflows }, target, flags) =>
      workflows.resumeWorkflow({
        ...target,
        nodeFieldSelector: flags.nodeFieldSelector ?? '',
        outputs: parseAssignments(flags.outputParameter, '--output-parameter'),
      }),
  },
  retry: {
    done: 'retried',
    call: ({ workflows }, target, flags) =>
      workflows.retryWorkflow({
        ...target,
        restartSuccessful: flags.restartSuccessful ?? false,
        nodeFieldSelector: flags.nodeFieldSelector ?? '',
        parameters: parseAssignments(flags.parameter, '--parameter'),
      }),
  },
  resubmit: {
    done: 'submitted',
    call: ({ workflows }, target, flags) =>
      workflows.resubmitWorkflow({
        ...target,
        parameters: parseAssignments(flags.parameter, '--parameter'),
        memoized: flags.memoized ?? false,
      }),
  },
  delete: {
    done: 'deleted',
    call: async ({ workflows }, target) => {
      await workflows.deleteWorkflow(target);
      return {};
    },
  },
};

/** `argosy stop|terminate|suspend|resume|retry|resubmit|delete NAME…`, or those that options choose. */
export async function controlCommand(
  context: CommandContext,
  verb: Verb,
  request: {
    readonly names: readonly string[];
    readonly options: GlobalOptions & ControlFlags & SelectionFlags & { readonly dryRun?: boolean };
  },
): Promise<number> {
  const { names, options } = request;
  const { done, call } = VERBS[verb];
  checkChoice(names, options);
  return withConnection(context, options, async (connection) => {
    const targets = await chosenRuns(connection, names, options);
    if (targets.length === 0) context.stderr.write('no workflows\n');
    for (const target of targets) {
      if (options.dryRun === true) {
        context.stdout.write(`workflow ${target.name} ${done} (dry run)\n`);
        continue;
      }
      const { summary } = await call(connection, target, options);
      context.stdout.write(`workflow ${summary?.name ?? target.name} ${done}\n`);
    }
    return EXIT.ok;
  });
}
