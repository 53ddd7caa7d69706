import { ArgosyError } from '@argosy/base';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { runLogs, type LogRequest, type NamedLine } from '../logs/run-logs.ts';
import type { GatewayParts } from '../parts.ts';
import { findRun } from '../runs/run-objects.ts';
import {
  flagField,
  integerField,
  pathValue,
  queryOf,
  textField,
  timeField,
} from './request-values.ts';
import { sendStream, streamSignal } from './streams.ts';

/** Argo's `/api/v1/workflows/{namespace}/{name}[/{pod}]/log`. */
export function addLogRoutes(app: FastifyInstance, parts: GatewayParts): void {
  for (const path of ['/:name/log', '/:name/:pod/log']) {
    app.get(`/api/v1/workflows/:namespace${path}`, async (request, reply) => {
      const asked = logRequest(request);
      await findRun(parts, asked.namespace, asked.name);
      const signal = streamSignal(reply, parts.stopping);
      const hasTimes = flagField(queryOf(request), 'logOptions.timestamps');
      return sendStream(request, reply, entries(runLogs(parts, asked, signal), hasTimes));
    });
  }
}

async function* entries(
  lines: AsyncIterable<NamedLine>,
  hasTimes: boolean,
): AsyncIterable<unknown> {
  for await (const { content, podName, timeMs } of lines) {
    const time = hasTimes ? `${new Date(timeMs).toISOString()} ` : '';
    yield { content: time + content, podName };
  }
}

function logRequest(request: FastifyRequest): LogRequest {
  const query = queryOf(request);
  const pod = pathValue(request, 'pod') || (textField(query, 'podName') ?? '');
  const sinceSeconds = integerField(query, 'logOptions.sinceSeconds');
  const sinceMs =
    sinceSeconds === undefined
      ? (timeField(query, 'logOptions.sinceTime') ??
        timeField(query, 'logOptions.sinceTime.seconds'))
      : Date.now() - sinceSeconds * 1_000;
  const grep = textField(query, 'grep');
  return {
    namespace: pathValue(request, 'namespace'),
    name: pathValue(request, 'name'),
    // A dash stands for all pods where the path needs one.
    node: pod === '-' ? '' : pod,
    container: textField(query, 'logOptions.container') ?? '',
    follow: flagField(query, 'logOptions.follow'),
    tailLines: integerField(query, 'logOptions.tailLines') ?? 0,
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(grep === undefined ? {} : { accept: grepOf(grep) }),
  };
}

const GREP_LENGTH_MAX = 1_000;

/** Plain text, looked for anywhere in the line: a pattern of a stranger's could take for ever. */
function grepOf(text: string): (content: string) => boolean {
  if (text.length > GREP_LENGTH_MAX) {
    throw new ArgosyError('INVALID_ARGUMENT', `grep is longer than ${GREP_LENGTH_MAX} characters.`);
  }
  return (content) => content.includes(text);
}
