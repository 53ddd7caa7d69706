import type { IncomingMessage } from 'node:http';
import { ArgosyError } from '@argosy/base';
import type { HTTPArtifact } from '@argosy/model';
import { openExchange, type HttpRequest } from '../http/http-request.ts';
import { authenticate } from './http-authentication.ts';
import type { SecretAccess } from './secret-text.ts';

/** The content at a URL. @throws ArgosyError NOT_FOUND for 404, UNAVAILABLE for other answers than 2xx. */
export async function fetchHttp(
  artifact: HTTPArtifact,
  access: SecretAccess,
): Promise<AsyncIterable<Uint8Array>> {
  return request(artifact, access, { method: 'GET', body: undefined });
}

/** Stores content at a URL by PUT. */
export async function putHttp(
  artifact: HTTPArtifact,
  content: AsyncIterable<Uint8Array>,
  access: SecretAccess,
): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  const response = await request(artifact, access, { method: 'PUT', body: Buffer.concat(chunks) });
  response.resume();
}

async function request(
  artifact: HTTPArtifact,
  access: SecretAccess,
  init: Pick<HttpRequest, 'method' | 'body'>,
): Promise<IncomingMessage> {
  const { authorization, client } = await authenticate(artifact.auth, access);
  const headers: Record<string, string> = {};
  for (const { name, value } of artifact.headers ?? []) headers[name.toLowerCase()] = value;
  if (authorization !== undefined) headers['authorization'] = authorization;
  const { signal } = access.scope;
  const response = await openExchange({
    ...init,
    url: artifact.url,
    headers,
    verifyTls: true,
    client,
    signal,
  });
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return response;
  response.resume();
  const code = status === 404 ? 'NOT_FOUND' : 'UNAVAILABLE';
  const said = `${status} ${response.statusMessage ?? ''}`.trim();
  throw new ArgosyError(code, `${artifact.url} answered ${said}`);
}
