// Covers how http artifacts log in (OAuth2 client credentials, client certificates) and that proxies of the
// environment are gone through. Leaves out basicAuth, which artifact-access.integration.test.ts has.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server } from 'node:https';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import type { HTTPArtifact } from '@argosy/model';
import { testCertificate } from '@argosy/testkit';
import { afterEach, expect, test, vi } from 'vitest';
import type { ArtifactScope } from '../types.ts';
import { fetchHttp } from './http-artifact.ts';

const scope: ArtifactScope = {
  namespace: 'default',
  workflow: 'wf',
  uid: 'uid',
  podName: 'pod',
  signal: new AbortController().signal,
};

const servers: (HttpServer | Server)[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  vi.unstubAllEnvs();
});

async function listen(server: HttpServer | Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function fetched(
  artifact: HTTPArtifact,
  secret: Readonly<Record<string, string>>,
): Promise<string> {
  const data = Object.fromEntries(
    Object.entries(secret).map(([key, value]) => [key, Buffer.from(value)]),
  );
  const resources = {
    configMap: () => Promise.resolve(undefined),
    secret: (_namespace: string, name: string) =>
      Promise.resolve(name === 'login' ? data : undefined),
  };
  const chunks: Uint8Array[] = [];
  for await (const chunk of await fetchHttp(artifact, { resources, scope })) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const secretOf = (key: string): { readonly name: string; readonly key: string } => ({
  name: 'login',
  key,
});

const oauth2 = {
  clientIDSecret: secretOf('id'),
  clientSecretSecret: secretOf('secret'),
  tokenURLSecret: secretOf('url'),
  scopes: ['read', 'write'],
  endpointParams: [{ key: 'audience', value: 'files' }],
};

async function body(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('oauth2 asks for a token with the client credentials and shows it as bearer', async () => {
  const seen: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    seen.push(`${request.url} ${request.headers.authorization} ${await body(request)}`);
    response.end(request.url === '/token' ? JSON.stringify({ access_token: 't0k' }) : 'content');
  };
  const port = await listen(createServer((request, response) => void answer(request, response)));
  const url = `http://127.0.0.1:${port}`;
  const login = { id: 'me', secret: 's3 cret', url: `${url}/token` };
  expect(await fetched({ url: `${url}/file`, auth: { oauth2 } }, login)).toBe('content');
  const basic = Buffer.from('me:s3%20cret').toString('base64');
  expect(seen).toEqual([
    `/token Basic ${basic} grant_type=client_credentials&scope=read+write&audience=files`,
    '/file Bearer t0k ',
  ]);
});

test('a token that is not given out is an error that names the token URL and no secret', async () => {
  const port = await listen(createServer((_, response) => response.writeHead(401).end('{}')));
  const url = `http://127.0.0.1:${port}/token`;
  const login = { id: 'me', secret: 's3cret', url };
  await expect(fetched({ url, auth: { oauth2 } }, login)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: `${url} gave no access token: status 401`,
  });
});

test('an oauth2 login without its Secret says which field is missing', async () => {
  const { clientIDSecret, clientSecretSecret } = oauth2;
  const artifact = {
    url: 'http://127.0.0.1:1/x',
    auth: { oauth2: { clientIDSecret, clientSecretSecret } },
  };
  await expect(fetched(artifact, { id: 'a', secret: 'b' })).rejects.toMatchObject({
    code: 'FAILED_PRECONDITION',
    message: 'http.auth.oauth2.tokenURLSecret is required',
  });
});

test('clientCert shows a certificate to the server', async () => {
  const ofServer = await testCertificate(['127.0.0.1']);
  const ofClient = await testCertificate(['client.example']);
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, ofServer.cert]);
  try {
    const server = createTlsServer(
      { ...ofServer, ca: ofClient.cert, requestCert: true },
      (request, response) => {
        const { subject } = (request.socket as TLSSocket).getPeerCertificate();
        response.end(`hello ${subject.CN}`);
      },
    );
    const port = await listen(server);
    const clientCert = { clientCertSecret: secretOf('crt'), clientKeySecret: secretOf('key') };
    const artifact = { url: `https://127.0.0.1:${port}/`, auth: { clientCert } };
    const login = { crt: ofClient.cert, key: ofClient.key };
    expect(await fetched(artifact, login)).toBe('hello client.example');
  } finally {
    setDefaultCACertificates(before);
  }
});

test('a request goes through the proxy of the environment', async () => {
  const port = await listen(
    createServer((request, response) => response.end(`proxied ${request.url}`)),
  );
  vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${port}`);
  vi.resetModules();
  const { exchange } = await import('../http/http-request.ts');
  const response = await exchange({
    method: 'GET',
    url: 'http://files.example/a',
    headers: {},
    body: undefined,
    verifyTls: true,
    signal: new AbortController().signal,
  });
  expect(response.body).toBe('proxied http://files.example/a');
});
