import {
  WatchWorkflowsResponse_Type as ChangeType,
  WorkflowService,
  type SubmitOptions,
  type SubmitWorkflowRequest,
} from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { ControlCommand } from '@argosy/core-workflow';
import { rpcService, type CallContext, type RpcService } from '@argosy/rpc';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { settablePhase } from '../http/workflow-routes.ts';
import { runLogs } from '../logs/run-logs.ts';
import type { GatewayParts } from '../parts.ts';
import { controlRun, deleteRun } from '../runs/run-actions.ts';
import { listRuns } from '../runs/run-list.ts';
import { getRunAt } from '../runs/run-history.ts';
import { getRun, type RunObject } from '../runs/run-objects.ts';
import { watchRun, watchRuns, type RunChange } from '../runs/run-watch.ts';
import type { Sender } from '../submission/commands.ts';
import { workflowAgain, workflowFrom } from '../submission/from-template.ts';
import { lintManifests } from '../submission/lint.ts';
import type { SubmitOverrides } from '../submission/overrides.ts';
import { submitWorkflow, type SubmitRequest } from '../submission/submit.ts';
import { jsonBytes, textOfBytes } from '../text.ts';
import { historyCalls } from './history-calls.ts';
import {
  changeMessages,
  millisecondsOf,
  problemMessage,
  runFilter,
  summaryMessage,
  workflowMessage,
  type SummaryMessage,
} from './messages.ts';

const CHANGE_TYPES: Readonly<Record<RunChange['kind'], ChangeType>> = {
  Added: ChangeType.ADDED,
  Modified: ChangeType.MODIFIED,
  Deleted: ChangeType.DELETED,
  CaughtUp: ChangeType.CAUGHT_UP,
};

/** The public gRPC API of runs. */
export function workflowService(parts: GatewayParts): RpcService {
  return rpcService(WorkflowService, {
    ...submissions(parts),
    ...reads(parts),
    ...watches(parts),
    ...controls(parts),
    ...historyCalls(parts),
  });
}

function submissions(parts: GatewayParts) {
  return {
    async submitWorkflow(request: SubmitWorkflowRequest, context: CallContext) {
      const options = request.options;
      const namespace = request.namespace;
      const submitted = await submitWorkflow(parts, {
        source: await sourceOf(parts, request),
        namespace:
          request.source.case === 'template' ? namespace || parts.namespaceDefault : namespace,
        overrides: overridesOf(options),
        dryRun: options?.dryRun ?? false,
        sender: senderOf(context),
      });
      return {
        summary: summaryMessage(submitted.summary),
        workflowJson: jsonBytes(submitted.workflow),
        warnings: submitted.warnings.map(problemMessage),
      };
    },
    async resubmitWorkflow(
      request: {
        namespace: string;
        name: string;
        parameters: Record<string, string>;
        memoized: boolean;
      },
      context: CallContext,
    ) {
      const former = await getRun(parts, namespaceOf(parts, request), request.name);
      const { summary, workflow } = await submitWorkflow(parts, {
        source: workflowAgain(former.workflow, { memoized: request.memoized }),
        overrides: { parameters: request.parameters },
        sender: senderOf(context),
      });
      return { summary: summaryMessage(summary), workflowJson: jsonBytes(workflow) };
    },

    async lintWorkflow(request: {
      namespace: string;
      manifests: Uint8Array;
      file: string;
      strict: boolean;
    }) {
      const { file, strict } = request;
      const source = { text: textOfBytes(request.manifests), file, strict };
      const namespace = namespaceOf(parts, request);
      const { problems, manifests } = lintManifests(parts.registry, { source, namespace });
      return { problems: problems.map(problemMessage), manifests: manifests.length };
    },
  };
}

/** @throws ArgosyError INVALID_ARGUMENT when the request holds neither; NOT_FOUND. */
async function sourceOf(
  parts: GatewayParts,
  request: SubmitWorkflowRequest,
): Promise<SubmitRequest['source']> {
  const { source, file, options } = request;
  switch (source.case) {
    case 'manifest':
      return { text: textOfBytes(source.value), file, strict: options?.strict ?? false };
    case 'template': {
      const { kind, name } = source.value;
      return workflowFrom(parts.registry, { kind, name, namespace: namespaceOf(parts, request) });
    }
    case undefined:
      throw new ArgosyError('INVALID_ARGUMENT', 'A manifest or a template is to be given.');
  }
}

function overridesOf(options: SubmitOptions | undefined): SubmitOverrides {
  if (options === undefined) return {};
  const { name, generateName, entrypoint, serviceAccount, priority, scheduledTime } = options;
  const { parameters, labels, annotations } = options;
  return {
    name,
    generateName,
    entrypoint,
    serviceAccount,
    parameters,
    labels,
    annotations,
    ...(priority === undefined ? {} : { priority }),
    ...(scheduledTime === '' ? {} : { scheduledTime }),
  };
}

function reads(parts: GatewayParts): Pick<Implementation, 'getWorkflow' | 'listWorkflows'> {
  return {
    async getWorkflow(request) {
      const { name, at } = request;
      const namespace = namespaceOf(parts, request);
      if (at === '') {
        return { workflow: workflowMessage(await getRun(parts, namespace, name), true) };
      }
      const run = await getRunAt(parts, { namespace, name }, at);
      const { sequence, atMs } = run;
      return {
        workflow: workflowMessage(run, true),
        sequence: BigInt(sequence),
        at: timestampFromMs(atMs),
      };
    },

    async listWorkflows(request) {
      const { namespace, filter, limit, continueToken } = request;
      const page = listRuns(parts.index, runFilter(namespace, filter), { limit, continueToken });
      return { ...page, workflows: page.runs.map(summaryMessage) };
    },
  };
}

type Implementation = Parameters<typeof rpcService<typeof WorkflowService>>[1];

function watches(
  parts: GatewayParts,
): Pick<Implementation, 'watchWorkflows' | 'watchWorkflow' | 'getLogs'> {
  return {
    async *watchWorkflows({ namespace, filter }, { signal }) {
      for await (const change of watchRuns(parts.index, runFilter(namespace, filter), signal)) {
        const type = CHANGE_TYPES[change.kind];
        if (change.kind === 'CaughtUp') yield { type };
        else yield { type, workflow: summaryMessage(change.summary) };
      }
    },
    async *watchWorkflow(request, { signal }) {
      const run = { namespace: namespaceOf(parts, request), name: request.name };
      const { includeJson, changesOnly } = request;
      let before: RunObject | undefined;
      for await (const shown of watchRun(parts, run, signal)) {
        if (!changesOnly) yield { workflow: workflowMessage(shown, includeJson) };
        else yield* changeMessages(shown, before, includeJson);
        before = shown;
      }
    },
    async *getLogs(request, { signal }) {
      const { name, node, container, follow, tailLines, contains } = request;
      const sinceMs = millisecondsOf(request.sinceTime);
      const lines = runLogs(
        parts,
        {
          namespace: namespaceOf(parts, request),
          name,
          node,
          container,
          follow,
          tailLines,
          ...(sinceMs === undefined ? {} : { sinceMs }),
          ...(contains === '' ? {} : { accept: (content) => content.includes(contains) }),
        },
        signal,
      );
      for await (const { timeMs, ...line } of lines)
        yield { ...line, time: timestampFromMs(timeMs) };
    },
  };
}

type ControlName =
  | 'stopWorkflow'
  | 'terminateWorkflow'
  | 'suspendWorkflow'
  | 'resumeWorkflow'
  | 'retryWorkflow'
  | 'setWorkflow'
  | 'deleteWorkflow';

function controls(parts: GatewayParts): Pick<Implementation, ControlName> {
  const control = async (
    request: { readonly namespace: string; readonly name: string },
    context: CallContext,
    command: ControlCommand,
  ): Promise<{ summary: SummaryMessage }> => {
    const namespace = namespaceOf(parts, request);
    const run = { namespace, name: request.name, sender: senderOf(context) };
    return { summary: summaryMessage(await controlRun(parts, run, command)) };
  };
  return {
    stopWorkflow: (request, context) =>
      control(request, context, {
        kind: 'Stop',
        ...filled({ message: request.message, nodeFieldSelector: request.nodeFieldSelector }),
      }),
    terminateWorkflow: (request, context) => control(request, context, { kind: 'Terminate' }),
    suspendWorkflow: (request, context) => control(request, context, { kind: 'Suspend' }),
    resumeWorkflow: (request, context) =>
      control(request, context, {
        kind: 'Resume',
        ...filled({ nodeFieldSelector: request.nodeFieldSelector }),
        outputs: request.outputs,
      }),
    retryWorkflow: (request, context) =>
      control(request, context, {
        kind: 'Retry',
        restartSuccessful: request.restartSuccessful,
        ...filled({ nodeFieldSelector: request.nodeFieldSelector }),
        parameters: request.parameters,
      }),
    setWorkflow: (request, context) =>
      control(request, context, {
        kind: 'SetNode',
        nodeFieldSelector: request.nodeFieldSelector,
        outputs: request.outputs,
        ...(request.phase === '' ? {} : { phase: settablePhase(request.phase) }),
        ...filled({ message: request.message }),
      }),
    async deleteWorkflow(request, context) {
      const namespace = namespaceOf(parts, request);
      await deleteRun(parts, { namespace, name: request.name, sender: senderOf(context) });
      return {};
    },
  };
}

/** Texts that were given; protobuf has no other sign for absent ones than being empty. */
function filled<Name extends string>(
  texts: Readonly<Record<Name, string>>,
): Partial<Record<Name, string>> {
  const entries = Object.entries(texts).filter(([, text]) => text !== '');
  return Object.fromEntries(entries) as Partial<Record<Name, string>>;
}

function namespaceOf(parts: GatewayParts, request: { readonly namespace: string }): string {
  return request.namespace || parts.namespaceDefault;
}

function senderOf({ user, traceparent }: CallContext): Sender {
  return { user, traceparent };
}
