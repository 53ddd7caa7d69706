import { IngressService } from '@argosy/api';
import { rpcService, type RpcService } from '@argosy/rpc';
import { splitTarget, type HttpAnswer } from './drivers/http/endpoint.ts';
import type { Endpoints } from './drivers/http/endpoints.ts';

/** Serves the requests that the gateway hands on, by the same endpoints as the ports do. */
export function ingressService(endpoints: Endpoints): RpcService {
  return rpcService(IngressService, {
    async deliver(request) {
      const target = splitTarget(request.path);
      if (target === undefined) {
        return encoded({ status: 400, body: 'the request target is malformed' });
      }
      const answer = await endpoints.deliver(request.namespace, request.eventSource, {
        method: request.method.toUpperCase(),
        ...target,
        headers: request.headers.map(({ name, value }) => [name, value] as const),
        body: request.body,
      });
      return encoded(answer);
    },
  });
}

function encoded(answer: HttpAnswer) {
  return {
    status: answer.status,
    headers: [{ name: 'content-type', value: 'text/plain; charset=utf-8' }],
    body: new TextEncoder().encode(answer.body),
  };
}
