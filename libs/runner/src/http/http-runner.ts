import { ArgosyError } from '@argosy/base';
import { compileExpr, evaluateExpr } from '@argosy/lang';
import type { HTTPHeader, HTTPTemplate } from '@argosy/model';
import { HTTP_TIMEOUT_DEFAULT_MS } from '../limits.ts';
import { cancelOutcome, outcomeOf } from '../outcome.ts';
import { createCancellation } from '../process/cancellation.ts';
import type { Runner, RunnerIo, RunnerTask, TaskOutcome } from '../types.ts';
import { canonicalName, exchange, type HttpRequest, type HttpResponse } from './http-request.ts';

/** Runs http templates: one request; the response's body is the result. */
export function createHttpRunner(): Runner {
  return {
    name: 'http',
    supports: (template) => template.http !== undefined,
    run: (task, io) => {
      const { http } = task.template;
      if (http === undefined) return Promise.resolve(outcomeOf('Error', 'no http template'));
      return runHttp(http, task, io);
    },
  };
}

async function runHttp(http: HTTPTemplate, task: RunnerTask, io: RunnerIo): Promise<TaskOutcome> {
  using cancellation = createCancellation(task, io);
  const timeoutMs = (http.timeoutSeconds ?? 0) * 1_000 || HTTP_TIMEOUT_DEFAULT_MS;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const request: HttpRequest = {
      method: (http.method ?? '') === '' ? 'GET' : (http.method ?? 'GET').toUpperCase(),
      url: http.url,
      headers: await headersOf(http.headers ?? [], task.namespace, io),
      body: bodyOf(http),
      verifyTls: http.insecureSkipVerify !== true,
      signal: AbortSignal.any([cancellation.signal, timeout]),
    };
    request.signal.throwIfAborted();
    io.running();
    return judge(http, request, await exchange(request));
  } catch (thrown) {
    const cancel = cancellation.request();
    if (cancel !== undefined) return cancelOutcome(cancel.reason);
    if (timeout.aborted)
      return outcomeOf('Failed', `${http.url}: no answer within ${timeoutMs} ms`);
    return outcomeOf('Failed', ArgosyError.fromUnknown(thrown).message);
  }
}

async function headersOf(
  headers: readonly HTTPHeader[],
  namespace: string,
  io: RunnerIo,
): Promise<Readonly<Record<string, string>>> {
  const values: Record<string, string> = {};
  for (const header of headers) {
    values[header.name.toLowerCase()] = await headerValue(header, namespace, io);
  }
  return values;
}

async function headerValue(header: HTTPHeader, namespace: string, io: RunnerIo): Promise<string> {
  const secret = header.valueFrom?.secretKeyRef;
  const selector = secret ?? header.valueFrom?.configMapKeyRef;
  if (selector === undefined) return header.value ?? '';
  const name = selector.name ?? '';
  const data = await (secret === undefined
    ? io.resources.configMap(namespace, name)
    : io.resources.secret(namespace, name));
  const bytes = data?.[selector.key];
  if (bytes === undefined) {
    const kind = secret === undefined ? 'ConfigMap' : 'Secret';
    throw new ArgosyError(
      'NOT_FOUND',
      `header "${header.name}": the ${kind} "${name}" has no key "${selector.key}"`,
    );
  }
  return new TextDecoder().decode(bytes).trim();
}

function bodyOf(http: HTTPTemplate): Uint8Array | undefined {
  const bytes = http.bodyFrom?.bytes;
  if (bytes !== undefined) return Buffer.from(bytes, 'base64');
  return http.body === undefined || http.body === '' ? undefined : Buffer.from(http.body);
}

/** Success is what `successCondition` says, else any 2xx. */
function judge(http: HTTPTemplate, request: HttpRequest, response: HttpResponse): TaskOutcome {
  const condition = http.successCondition ?? '';
  const base = { ...outcomeOf('Succeeded'), result: response.body };
  if (condition === '') {
    if (response.status >= 200 && response.status < 300) return base;
    return {
      ...base,
      phase: 'Failed',
      message: `received non-2xx response code: ${response.status}`,
    };
  }
  const program = compileExpr(condition);
  const value = program.ok
    ? evaluateExpr(program.value, environmentOf(request, response))
    : program;
  if (!value.ok) {
    return {
      ...base,
      phase: 'Error',
      message: `successCondition "${condition}": ${value.error.message}`,
    };
  }
  if (value.value === true) return base;
  return { ...base, phase: 'Failed', message: `successCondition "${condition}" evaluated false` };
}

function environmentOf(request: HttpRequest, response: HttpResponse): Record<string, unknown> {
  const headers = Object.entries(request.headers).map(([name, value]) => [
    canonicalName(name),
    [value],
  ]);
  return {
    request: {
      method: request.method,
      url: request.url,
      body: new TextDecoder().decode(request.body ?? new Uint8Array()),
      headers: Object.fromEntries(headers) as Record<string, unknown>,
    },
    response: {
      statusCode: BigInt(response.status),
      body: response.body,
      headers: response.headers,
    },
  };
}
