import { ArgosyError } from '@argosy/base';
import type { HTTPArtifact } from '@argosy/model';
import { exchange, type HttpRequest } from '../http/http-request.ts';
import { secretText, type SecretAccess } from './secret-text.ts';

type Auth = NonNullable<HTTPArtifact['auth']>;
type OAuth2 = NonNullable<Auth['oauth2']>;

/** What goes with a request so that the server knows who asks. */
export interface Authentication {
  readonly authorization: string | undefined;
  readonly client: HttpRequest['client'];
}

/**
 * Reads an artifact's login: user and password, OAuth2 client credentials (a token is fetched first), and a
 * client certificate.
 * @throws ArgosyError FAILED_PRECONDITION for a Secret or key that is missing, UNAVAILABLE when no token is given out.
 */
export async function authenticate(
  auth: Auth | undefined,
  access: SecretAccess,
): Promise<Authentication> {
  const client = await clientCertificate(auth?.clientCert, access);
  if (auth?.oauth2 !== undefined) {
    return { client, authorization: `Bearer ${await accessToken(auth.oauth2, access)}` };
  }
  const basic = auth?.basicAuth;
  if (basic === undefined) return { client, authorization: undefined };
  const user = (await secretText(basic.usernameSecret, access)) ?? '';
  const password = (await secretText(basic.passwordSecret, access)) ?? '';
  return { client, authorization: basicAuthorization(user, password) };
}

function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

async function clientCertificate(
  certificate: Auth['clientCert'],
  access: SecretAccess,
): Promise<HttpRequest['client']> {
  const cert = await secretText(certificate?.clientCertSecret, access);
  const key = await secretText(certificate?.clientKeySecret, access);
  if (cert === undefined && key === undefined) return undefined;
  if (cert !== undefined && key !== undefined) return { cert, key };
  const missing = cert === undefined ? 'clientCertSecret' : 'clientKeySecret';
  throw new ArgosyError('FAILED_PRECONDITION', `http.auth.clientCert.${missing} is required`);
}

/** The client credentials grant of RFC 6749, section 4.4. */
async function accessToken(oauth2: OAuth2, access: SecretAccess): Promise<string> {
  const url = await requiredSecret(oauth2, 'tokenURLSecret', access);
  const id = await requiredSecret(oauth2, 'clientIDSecret', access);
  const secret = await requiredSecret(oauth2, 'clientSecretSecret', access);
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if ((oauth2.scopes ?? []).length > 0) form.set('scope', (oauth2.scopes ?? []).join(' '));
  for (const { key, value } of oauth2.endpointParams ?? []) form.append(key, value ?? '');
  const response = await exchange({
    method: 'POST',
    url,
    headers: {
      authorization: basicAuthorization(encodeURIComponent(id), encodeURIComponent(secret)),
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: Buffer.from(form.toString()),
    verifyTls: true,
    signal: access.scope.signal,
  });
  const token = response.status === 200 ? tokenOf(response.body) : undefined;
  if (token !== undefined) return token;
  throw new ArgosyError('UNAVAILABLE', `${url} gave no access token: status ${response.status}`);
}

async function requiredSecret(
  oauth2: OAuth2,
  field: 'tokenURLSecret' | 'clientIDSecret' | 'clientSecretSecret',
  access: SecretAccess,
): Promise<string> {
  const text = await secretText(oauth2[field], access);
  if (text !== undefined) return text.trim();
  throw new ArgosyError('FAILED_PRECONDITION', `http.auth.oauth2.${field} is required`);
}

function tokenOf(body: string): string | undefined {
  try {
    const parsed = JSON.parse(body) as { access_token?: unknown } | null;
    return typeof parsed?.access_token === 'string' ? parsed.access_token : undefined;
  } catch {
    return undefined;
  }
}
