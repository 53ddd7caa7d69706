import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { ArgosyError } from '@argosy/base';
import { WatchWorkflowsResponse_Type } from '@argosy/api';
import { connect, type Connection } from '../client/connection.ts';
import type { EmbeddedRuntime } from '../embedded/runtime.ts';
import { sameReach, type CommandContext, type GlobalOptions } from './context.ts';
import { readManifestTexts } from './files.ts';
import { followWorkflow } from './follow.ts';
import { applyTexts } from './submit.ts';
import { startHere, untilInterrupted, type UpFlags } from './up.ts';

export interface DemoFlags extends UpFlags {
  readonly once?: boolean;
}

const EXAMPLES = join(import.meta.dirname, '..', '..', '..', '..', 'examples', 'order-pipeline');
/** Path of the endpoint behind the gateway: namespace, event source, endpoint. */
const WEBHOOK_PATH = '/webhooks/default/orders/orders';
const NAMESPACE = 'default';
const SENSOR_LABEL = 'events.argoproj.io/sensor';

/** What the demonstration posts; the workflow packs every item. */
const ORDER = { id: '1001', customer: 'Ada', items: ['compass', 'sextant', 'chart'] };

/**
 * `argosy demo`: starts everything, declares an EventSource, a Sensor and a WorkflowTemplate, posts a webhook
 * and shows the workflow that it starts. Stays up then; with --once it ends, with the outcome as exit code.
 */
export async function demoCommand(
  context: CommandContext,
  options: GlobalOptions & DemoFlags,
): Promise<number> {
  const say = (text: string): void => void context.stdout.write(`${text}\n`);
  const { bold } = context.style;
  say(bold('1. Starting Argosy: nats-server and all services, in one process tree'));
  const runtime = await startHere(context, options, { quiet: true });
  const { rpcAddress, httpAddress } = runtime.instance;
  say(`   REST and web hooks at ${httpAddress}, gRPC at ${rpcAddress}`);
  const connection = connect({ rpcAddress, token: runtime.token });
  try {
    const outcome = await demonstrate(context, connection, { runtime, options });
    if (options.once === true) return outcome;
    say(whatNext(context, runtime));
    await untilInterrupted(context.signal);
    context.notices.print('Stopping …');
    return outcome;
  } finally {
    connection.close();
    await runtime.stop();
  }
}

async function demonstrate(
  context: CommandContext,
  connection: Connection,
  started: { readonly runtime: EmbeddedRuntime; readonly options: GlobalOptions },
): Promise<number> {
  const { runtime, options } = started;
  const say = (text: string): void => void context.stdout.write(`${text}\n`);
  const { bold } = context.style;
  const files = (await readdir(EXAMPLES)).sort().map((name) => join(EXAMPLES, name));
  say(bold(`2. Declaring ${files.map((file) => relative(process.cwd(), file)).join(', ')}`));
  const texts = await readManifestTexts(context, files);
  await applyTexts(context, connection, { texts, options: { namespace: NAMESPACE } });

  const next = workflowStartedBySensor(context, connection);
  await next.watching;
  const url = `${runtime.instance.httpAddress}${WEBHOOK_PATH}`;
  say(bold(`3. POST ${url}`));
  say(`   ${JSON.stringify(ORDER)}`);
  await postOrder(url, context.signal);
  const name = await next.name;
  say(bold(`4. The sensor has started the workflow ${name}`));
  const reach = sameReach(options, context.env);
  return followWorkflow(context, connection, { name, namespace: NAMESPACE, logs: true, reach });
}

/** How long the event source may take to open its endpoint after it was declared. */
const ENDPOINT_TIMEOUT_MS = 10_000;

async function postOrder(url: string, signal: AbortSignal): Promise<void> {
  const deadlineMs = Date.now() + ENDPOINT_TIMEOUT_MS;
  for (;;) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ORDER),
      signal,
    });
    if (response.ok) return;
    const answer = `${response.status} ${await response.text()}`;
    if (response.status !== 404 || Date.now() > deadlineMs) {
      throw new ArgosyError('UNAVAILABLE', `the webhook answered ${answer}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Watches for the next workflow that a sensor starts. */
function workflowStartedBySensor(
  context: CommandContext,
  connection: Connection,
): { readonly watching: Promise<void>; readonly name: Promise<string> } {
  const caughtUp = Promise.withResolvers<undefined>();
  const find = async (): Promise<string> => {
    const known = new Set<string>();
    let isNew = false;
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, context.signal]);
    const notices = connection.workflows.watchWorkflows(
      { namespace: NAMESPACE, filter: { labelSelector: SENSOR_LABEL } },
      { signal },
    );
    for await (const { type, workflow } of notices) {
      if (type === WatchWorkflowsResponse_Type.CAUGHT_UP) {
        isNew = true;
        caughtUp.resolve(undefined);
      } else if (workflow !== undefined && !isNew) {
        known.add(workflow.uid);
      } else if (workflow !== undefined && !known.has(workflow.uid)) {
        stop.abort();
        return workflow.name;
      }
    }
    throw new ArgosyError('UNAVAILABLE', 'no workflow was started: the log says why');
  };
  const name = find();
  name.catch(caughtUp.reject);
  return { watching: caughtUp.promise, name };
}

function whatNext(context: CommandContext, { instance, token }: EmbeddedRuntime): string {
  const { bold } = context.style;
  return [
    '',
    bold('Argosy stays up; interrupt (Ctrl-C) to stop it. In another terminal:'),
    '  npm run argosy -- list',
    '  npm run argosy -- get @latest',
    '  npm run argosy -- logs @latest',
    '  npm run argosy -- run examples/hello-world.yaml',
    `  curl -d '{"id": "1002", "customer": "Grace", "items": ["lantern"]}' \\`,
    `    -H 'content-type: application/json' ${instance.httpAddress}${WEBHOOK_PATH}`,
    `  curl -H 'authorization: Bearer ${token}' ${instance.httpAddress}/api/v1/workflows/default`,
    '',
  ].join('\n');
}
