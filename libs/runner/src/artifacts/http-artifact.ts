import { Readable } from 'node:stream';
import { ArgosyError } from '@argosy/base';
import type { HTTPArtifact } from '@argosy/model';
import { secretText, type SecretAccess } from './secret-text.ts';

/** The content at a URL. @throws ArgosyError NOT_FOUND for 404, UNAVAILABLE for other answers than 2xx. */
export async function fetchHttp(
  artifact: HTTPArtifact,
  access: SecretAccess,
): Promise<AsyncIterable<Uint8Array>> {
  const response = await request(artifact, access, { method: 'GET' });
  return response.body ?? Readable.from([]);
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
  await response.body?.cancel();
}

async function request(
  artifact: HTTPArtifact,
  access: SecretAccess,
  init: RequestInit,
): Promise<Response> {
  const headers = await requestHeaders(artifact, access);
  const response = await send(artifact.url, { ...init, headers, signal: access.scope.signal });
  if (response.ok) return response;
  await response.body?.cancel();
  const code = response.status === 404 ? 'NOT_FOUND' : 'UNAVAILABLE';
  throw new ArgosyError(code, `${artifact.url} answered ${response.status} ${response.statusText}`);
}

async function requestHeaders(artifact: HTTPArtifact, access: SecretAccess): Promise<Headers> {
  if (artifact.auth?.clientCert !== undefined || artifact.auth?.oauth2 !== undefined) {
    throw new ArgosyError('UNIMPLEMENTED', 'http with clientCert or oauth2 is not available here');
  }
  const headers = new Headers((artifact.headers ?? []).map(({ name, value }) => [name, value]));
  const basic = artifact.auth?.basicAuth;
  if (basic !== undefined) {
    const user = (await secretText(basic.usernameSecret, access)) ?? '';
    const password = (await secretText(basic.passwordSecret, access)) ?? '';
    headers.set('authorization', `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`);
  }
  return headers;
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (thrown) {
    const { cause, message } = thrown as Error;
    const reason = cause instanceof Error ? cause.message : message;
    throw new ArgosyError('UNAVAILABLE', `${url}: ${reason}`, { cause: thrown });
  }
}
