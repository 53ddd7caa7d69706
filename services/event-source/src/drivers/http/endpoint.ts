import { equalInConstantTime } from './signature.ts';

/** A request with its whole body, however it came: from a socket or through the gateway. */
export interface HttpRequest {
  readonly method: string;
  /** Decoded, without the query. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly query: string;
  /** In the order and spelling of the sender. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

export interface HttpAnswer {
  readonly status: number;
  /** Plain text. */
  readonly body: string;
  /** Whoever made the answer has logged its reason. */
  readonly isLogged?: boolean;
}

/** One endpoint of one event. */
export interface HttpEndpoint {
  readonly owner: {
    readonly namespace: string;
    readonly eventSource: string;
    readonly eventName: string;
  };
  readonly port: number;
  /** Matched literally against the decoded path. */
  readonly path: string;
  /** In upper case. */
  readonly method: string;
  readonly payloadBytesMax: number;
  /** The bearer token that requests must carry; `Missing` when it is required but not known. */
  token(): BearerToken;
  handle(request: HttpRequest): Promise<HttpAnswer>;
}

export type BearerToken =
  | { readonly kind: 'NotRequired' }
  | { readonly kind: 'Required'; readonly value: string }
  | { readonly kind: 'Missing' };

/** A body over the limit; the status is Argo Events', which its senders know. */
export const PAYLOAD_TOO_LARGE: HttpAnswer = { status: 400, body: 'the payload is too large' };

/** The refusal of a request by its head alone, or undefined when its body may be read. */
export function refusalByHead(
  endpoint: HttpEndpoint,
  head: Pick<HttpRequest, 'method' | 'headers'>,
): HttpAnswer | undefined {
  const token = endpoint.token();
  if (token.kind === 'Missing') {
    return { status: 500, body: 'the secret that authenticates requests is not available' };
  }
  if (token.kind === 'Required') {
    const given = headerValue(head.headers, 'authorization');
    if (given === undefined || !equalInConstantTime(given, `Bearer ${token.value}`)) {
      return { status: 401, body: 'the bearer token is missing or wrong' };
    }
  }
  if (head.method !== endpoint.method) return { status: 400, body: 'http method does not match' };
  return undefined;
}

/** Checks the head and the size, then handles. For requests whose body is in memory already. */
export async function answerRequest(
  endpoint: HttpEndpoint,
  request: HttpRequest,
): Promise<HttpAnswer> {
  const refusal = refusalByHead(endpoint, request);
  if (refusal !== undefined) return refusal;
  if (request.body.byteLength > endpoint.payloadBytesMax) return PAYLOAD_TOO_LARGE;
  return endpoint.handle(request);
}

/** The first value of a header; the name in lower case. */
export function headerValue(
  headers: readonly (readonly [string, string])[],
  lowerCaseName: string,
): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === lowerCaseName)?.[1];
}

/** Path and query of a request target such as `/push?x=1`; undefined when it is not well-formed. */
export function splitTarget(target: string): { path: string; query: string } | undefined {
  const mark = target.indexOf('?');
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  if (!rawPath.startsWith('/')) return undefined;
  try {
    return { path: decodeURIComponent(rawPath), query: mark < 0 ? '' : target.slice(mark + 1) };
  } catch {
    return undefined;
  }
}
