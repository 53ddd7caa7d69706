import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { BUCKETS, resourceKey } from '@argosy/api';
import type { Bus } from '@argosy/bus';
import type { Secret } from '@argosy/model';
import { parse } from 'yaml';
import { textOfBytes } from '../text.ts';

/** Argo's Secret with the senders of web hooks: a key for each, with its type and its secret. */
const CLIENTS_SECRET = 'argo-workflows-webhook-clients';

/** A request as its signature is made from. */
export interface SignedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The client of the namespace that has signed the request; undefined when none has. */
export async function webhookClientOf(
  bus: Bus,
  namespace: string,
  request: SignedRequest,
): Promise<string | undefined> {
  const bucket = await bus.keyValue(BUCKETS.resources);
  const entry = await bucket.get(resourceKey('Secret', namespace, CLIENTS_SECRET));
  if (entry?.value === undefined) return undefined;
  for (const [name, text] of clientsOf(JSON.parse(textOfBytes(entry.value)) as Secret)) {
    const client = readClient(text);
    const isSigned = client === undefined ? undefined : SIGNATURES[client.type];
    if (client !== undefined && isSigned?.(request, client.secret) === true) return name;
  }
  return undefined;
}

function clientsOf({ data = {}, stringData = {} }: Secret): readonly (readonly [string, string])[] {
  const decoded = Object.entries(data).map(
    ([name, value]) => [name, Buffer.from(value, 'base64').toString('utf8')] as const,
  );
  return [...decoded, ...Object.entries(stringData)];
}

/** One that cannot be read lets nobody in. */
function readClient(text: string): { readonly type: string; readonly secret: string } | undefined {
  try {
    const client = parse(text) as Partial<Record<'type' | 'secret', unknown>> | null;
    const { type, secret } = client ?? {};
    if (typeof type !== 'string' || typeof secret !== 'string' || secret === '') return undefined;
    return { type, secret };
  } catch {
    return undefined;
  }
}

const SIGNATURES: Readonly<Record<string, (request: SignedRequest, secret: string) => boolean>> = {
  github: ({ headers, body }, secret) => {
    if (textOf(headers, 'x-github-event') === '') return false;
    const strong = textOf(headers, 'x-hub-signature-256');
    if (strong !== '') return isHmac(body, { secret, algorithm: 'sha256', given: strong });
    const given = textOf(headers, 'x-hub-signature');
    return isHmac(body, { secret, algorithm: 'sha1', given });
  },
  gitlab: ({ headers }, secret) =>
    textOf(headers, 'x-gitlab-event') !== '' && isSame(textOf(headers, 'x-gitlab-token'), secret),
  bitbucket: ({ headers }, secret) =>
    textOf(headers, 'x-event-key') !== '' && isSame(textOf(headers, 'x-hook-uuid'), secret),
  bitbucketserver: ({ headers, body }, secret) => {
    if (textOf(headers, 'x-event-key') === '') return false;
    const given = textOf(headers, 'x-hub-signature');
    return isHmac(body, { secret, algorithm: 'sha256', given });
  },
};

function textOf(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

function isHmac(
  body: Buffer,
  signature: {
    readonly secret: string;
    readonly algorithm: 'sha1' | 'sha256';
    readonly given: string;
  },
): boolean {
  const { secret, algorithm, given } = signature;
  const wanted = createHmac(algorithm, secret).update(body).digest('hex');
  return isSame(given, `${algorithm}=${wanted}`);
}

/** Takes the same time wherever the texts differ. */
function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}
