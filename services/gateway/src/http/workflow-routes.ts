import { ArgosyError } from '@argosy/base';
import type { ControlCommand } from '@argosy/core-workflow';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GatewayParts } from '../parts.ts';
import { controlRun, deleteRun } from '../runs/run-actions.ts';
import { getRunAt } from '../runs/run-history.ts';
import { getRun } from '../runs/run-objects.ts';
import { workflowAgain, workflowFrom } from '../submission/from-template.ts';
import { lintManifests } from '../submission/lint.ts';
import { refuseProblems } from '../submission/manifest.ts';
import { submitWorkflow } from '../submission/submit.ts';
import { asksFor, maskFields } from './field-mask.ts';
import { manifestOfBody } from './manifest-body.ts';
import {
  fieldsOf,
  flagField,
  integerField,
  pairListField,
  pairsField,
  pathValue,
  queryOf,
  senderOf,
  textField,
  type Fields,
} from './request-values.ts';
import { listAnswer } from './workflow-list.ts';

const BASE = '/api/v1/workflows/:namespace';

/** Argo's workflow service: `/api/v1/workflows/{namespace}…`. */
export function addWorkflowRoutes(app: FastifyInstance, parts: GatewayParts): void {
  const list = async (request: FastifyRequest): Promise<unknown> => {
    const query = queryOf(request);
    const fields = textField(query, 'fields');
    const isWhole = asksFor(fields, 'items.spec') || asksFor(fields, 'items.status.nodes');
    const namespace = pathValue(request, 'namespace');
    return maskFields(await listAnswer(parts, { namespace, query, isWhole }), fields);
  };
  app.get('/api/v1/workflows', list);
  app.get(BASE, list);
  app.post(BASE, (request) => createWorkflow(parts, request));
  app.post(`${BASE}/submit`, (request) => submitFrom(parts, request));
  app.post(`${BASE}/lint`, (request) => lintWorkflow(parts, request));
  app.get(`${BASE}/:name`, async (request) => {
    const run = { namespace: pathValue(request, 'namespace'), name: nameOf(request) };
    const at = textField(queryOf(request), 'at');
    const { workflow } =
      at === undefined
        ? await getRun(parts, run.namespace, run.name)
        : await getRunAt(parts, run, at);
    return maskFields(workflow, textField(queryOf(request), 'fields'));
  });
  app.delete(`${BASE}/:name`, async (request) => {
    await deleteRun(parts, runOf(request));
    return {};
  });
  app.put(`${BASE}/:name/resubmit`, (request) => resubmit(parts, runOf(request), request));
  for (const [action, commandOf] of Object.entries(COMMANDS)) {
    app.put(`${BASE}/:name/${action}`, async (request) => {
      const run = runOf(request);
      const summary = await controlRun(parts, run, commandOf(fieldsOf(request.body)));
      return (await getRun(parts, summary.namespace, summary.name)).workflow;
    });
  }
}

function nameOf(request: FastifyRequest): string {
  return pathValue(request, 'name');
}

function runOf(request: FastifyRequest): Parameters<typeof deleteRun>[1] {
  const namespace = pathValue(request, 'namespace');
  return { namespace, name: nameOf(request), sender: senderOf(request) };
}

/** The core's command for each of Argo's actions, from the fields of the request. */
const COMMANDS: Readonly<Record<string, (fields: Fields) => ControlCommand>> = {
  stop: (fields) => ({ kind: 'Stop', ...texts(fields, ['message', 'nodeFieldSelector']) }),
  terminate: () => ({ kind: 'Terminate' }),
  suspend: () => ({ kind: 'Suspend' }),
  resume: (fields) => ({ kind: 'Resume', ...texts(fields, ['nodeFieldSelector']) }),
  retry: retryCommand,
  set: (fields) => {
    const phase = textField(fields, 'phase');
    return {
      kind: 'SetNode',
      nodeFieldSelector: textField(fields, 'nodeFieldSelector') ?? '',
      ...texts(fields, ['message']),
      ...(phase === undefined ? {} : { phase: settablePhase(phase) }),
      outputs: outputParameters(textField(fields, 'outputParameters')),
    };
  },
};

export function retryCommand(fields: Fields): ControlCommand {
  return {
    kind: 'Retry',
    restartSuccessful: flagField(fields, 'restartSuccessful'),
    ...texts(fields, ['nodeFieldSelector']),
    parameters: pairsField(fields, 'parameters'),
  };
}

function texts<Name extends string>(
  fields: Fields,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = textField(fields, name);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

const SETTABLE_PHASES = ['Succeeded', 'Failed', 'Error', 'Skipped', 'Omitted'] as const;

/** @throws ArgosyError INVALID_ARGUMENT */
export function settablePhase(text: string): (typeof SETTABLE_PHASES)[number] {
  const found = SETTABLE_PHASES.find((phase) => phase === text);
  if (found !== undefined) return found;
  const message = `The phase must be one of ${SETTABLE_PHASES.join(', ')}, not "${text}".`;
  throw new ArgosyError('INVALID_ARGUMENT', message);
}

/** Argo's clients send them as the text of a JSON object. */
function outputParameters(text: string | undefined): Record<string, string> {
  if (text === undefined) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new ArgosyError(
      'INVALID_ARGUMENT',
      'The field "outputParameters" must hold a JSON object.',
    );
  }
  const entries = Object.entries(fieldsOf(parsed, 'The field "outputParameters"'));
  const textOf = (value: unknown): string =>
    typeof value === 'string' ? value : JSON.stringify(value);
  return Object.fromEntries(entries.map(([name, value]) => [name, textOf(value)]));
}

async function createWorkflow(parts: GatewayParts, request: FastifyRequest): Promise<unknown> {
  const body = typeof request.body === 'string' ? {} : fieldsOf(request.body);
  const { workflow } = await submitWorkflow(parts, {
    source: manifestOfBody(request, ['workflow'], 'Workflow'),
    namespace: pathValue(request, 'namespace'),
    dryRun: flagField(body, 'serverDryRun') || flagField(queryOf(request), 'serverDryRun'),
    sender: senderOf(request),
  });
  return workflow;
}

async function submitFrom(parts: GatewayParts, request: FastifyRequest): Promise<unknown> {
  const body = fieldsOf(request.body);
  const options = fieldsOf(body['submitOptions'], 'The field "submitOptions"');
  const namespace = pathValue(request, 'namespace');
  const kind = textField(body, 'resourceKind') ?? '';
  const name = textField(body, 'resourceName') ?? '';
  const priority = integerField(options, 'priority');
  const { workflow } = await submitWorkflow(parts, {
    source: await workflowFrom(parts.registry, { kind, namespace, name }),
    namespace,
    dryRun: flagField(options, 'dryRun') || flagField(options, 'serverDryRun'),
    sender: senderOf(request),
    overrides: {
      ...texts(options, ['name', 'generateName', 'serviceAccount', 'scheduledTime']),
      entrypoint: textField(options, 'entryPoint') ?? textField(options, 'entrypoint') ?? '',
      parameters: pairsField(options, 'parameters'),
      labels: pairListField(options, 'labels'),
      annotations: pairListField(options, 'annotations'),
      ...(priority === undefined ? {} : { priority }),
    },
  });
  return workflow;
}

function lintWorkflow(parts: GatewayParts, request: FastifyRequest): unknown {
  const source = manifestOfBody(request, ['workflow'], 'Workflow');
  const namespace = pathValue(request, 'namespace');
  const { problems, manifests } = lintManifests(parts.registry, { source, namespace });
  refuseProblems(problems);
  return manifests[0];
}

/** A new run of the spec of an older one, with what the body changes. */
export async function resubmit(
  parts: GatewayParts,
  run: { readonly namespace: string; readonly name: string },
  request: FastifyRequest,
): Promise<unknown> {
  const body = fieldsOf(request.body);
  const former = await getRun(parts, run.namespace, run.name);
  const { workflow } = await submitWorkflow(parts, {
    source: workflowAgain(former.workflow, { memoized: flagField(body, 'memoized') }),
    overrides: { parameters: pairsField(body, 'parameters') },
    sender: senderOf(request),
  });
  return workflow;
}
