import { once } from 'node:events';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { DriverContext } from '../driver.ts';
import { secretOf } from '../http/secret-value.ts';
import type { OriginConnection } from '../lasting-connection.ts';
import type { MinioSettings } from './settings.ts';

/** How often the server is to send something while nothing happens. */
const PING_SECONDS = 10;
/** A server that is silent for longer is gone. */
const SILENCE_MS_MAX = 60_000;
/** How long the signed address may be used to begin listening. */
const SIGNED_SECONDS = 300;
/** Longest line; a notification has a record or a few. */
const LINE_CHARACTERS_MAX = 1_048_576;
const REFUSAL_CHARACTERS_MAX = 300;

/**
 * Begins to listen to the changes of a bucket.
 * @param take gets each line that the server sends.
 * @throws Error when the server refuses or is away.
 */
export async function listenToBucket(
  settings: MinioSettings,
  scope: {
    readonly context: DriverContext;
    readonly take: (line: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<OriginConnection> {
  const { context, take, signal } = scope;
  const url = await signedUrl(settings, context);
  const { caCertificate } = settings;
  const ca = caCertificate === undefined ? undefined : secretOf(caCertificate, context);
  const closing = new AbortController();
  const options = { signal: AbortSignal.any([signal, closing.signal]), timeout: SILENCE_MS_MAX };
  const outgoing = settings.isTls
    ? requestHttps(url, { ...options, ...(ca === undefined ? {} : { ca }) })
    : requestHttp(url, options);
  outgoing.on('timeout', () => outgoing.destroy(new Error('the server is silent')));
  outgoing.end();
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  // An abort of the request after the answer is told by the answer's own end.
  outgoing.on('error', () => undefined);
  answer.setEncoding('utf8');
  if (answer.statusCode !== 200) {
    const said = await refusalOf(answer);
    throw new Error(`the server answered ${answer.statusCode ?? 0}: ${said}`);
  }
  const lost = readLines(answer, take);
  return {
    lost,
    async close() {
      closing.abort();
      await lost;
    },
  };
}

/** An address signed with the keys, so that the connection is ours to hold and to end. */
async function signedUrl(settings: MinioSettings, context: DriverContext): Promise<string> {
  const { access, secret, region, bucket, prefix, suffix, events } = settings;
  if (access === undefined || secret === undefined) throw new Error('the keys are missing');
  const { Client } = await import('minio');
  const { hostname, port } = new URL(`http://${settings.endpoint}`);
  const client = new Client({
    endPoint: hostname,
    ...(port === '' ? {} : { port: Number(port) }),
    useSSL: settings.isTls,
    accessKey: secretOf(access, context),
    secretKey: secretOf(secret, context),
    region,
    pathStyle: true,
  });
  const query = { prefix, suffix, events: [...events], ping: String(PING_SECONDS) };
  // The client's types know only single values; it writes a list as one parameter each.
  const parameters = query as unknown as Record<string, string>;
  return client.presignedUrl('GET', bucket, '', SIGNED_SECONDS, parameters);
}

async function refusalOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer) {
    text += String(chunk);
    if (text.length > LINE_CHARACTERS_MAX) break;
  }
  return (/<Message>([^<]+)/.exec(text)?.[1] ?? text).slice(0, REFUSAL_CHARACTERS_MAX);
}

/** @returns why it ended; never rejects. */
async function readLines(answer: IncomingMessage, take: (line: string) => void): Promise<string> {
  let rest = '';
  try {
    for await (const chunk of answer) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
      if (rest.length > LINE_CHARACTERS_MAX) return 'a notification is too long';
    }
    return 'the server ended the answer';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
