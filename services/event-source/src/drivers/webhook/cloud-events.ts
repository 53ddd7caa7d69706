import { cloudEventProblem } from '@argosy/api';
import { ArgosyError, err, ok, type Result } from '@argosy/base';
import { carriesCloudEvents, eventsOfRequest, type CloudEventHeaders } from '@argosy/shell';
import type { HttpRequest } from '../http/endpoint.ts';
import type { EventToStore } from '../http/store.ts';

/** Whether a request says that it carries CloudEvents; only POST has a body. */
export function isCloudEventRequest(request: HttpRequest): boolean {
  return request.method === 'POST' && carriesCloudEvents(lowerCased(request.headers));
}

/**
 * The CloudEvents of a request, one or a batch, with their own ids and attributes.
 * @returns the sentence of the answer 400.
 */
export async function cloudEventsOf(
  request: HttpRequest,
): Promise<Result<readonly EventToStore[], string>> {
  try {
    const events = await eventsOfRequest(lowerCased(request.headers), request.body);
    const problem = events.map(cloudEventProblem).find((found) => found !== undefined);
    if (problem !== undefined) return err(problem);
    return ok(events.map(({ id, data, ...attributes }) => ({ id, data, attributes })));
  } catch (error) {
    return err(ArgosyError.fromUnknown(error).message);
  }
}

/** Of a header that is there twice the first counts, as for the other parts of a webhook. */
function lowerCased(headers: HttpRequest['headers']): CloudEventHeaders {
  const named = headers.map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries(named.reverse());
}
