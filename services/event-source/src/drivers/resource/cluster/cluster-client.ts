import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { ArgosyError } from '@argosy/base';
import type { KubeConfig } from '@kubernetes/client-node';
import type { ClusterPlace } from './cluster-access.ts';

/** A question to the API server. */
export interface ClusterQuestion {
  /** Of the URL, such as `/api/v1/pods`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** The connection is given up after this time without a byte, milliseconds. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
}

/** Reads from the API server of a cluster with the credentials of its configuration. */
export interface ClusterClient {
  readonly server: string;
  /** @throws ArgosyError UNAVAILABLE without an answer; else one that tells what the server said. */
  get(question: ClusterQuestion): Promise<string>;
  /** The lines of an answer that goes on and on. @param opened called when it begins. @throws as `get` */
  lines(question: ClusterQuestion, opened: () => void): AsyncIterable<string>;
}

/** An answer of another status than 200. */
export class ClusterRefusal extends ArgosyError {
  readonly status: number;

  constructor(status: number, message: string) {
    const isDenied = status === 401 || status === 403;
    super(isDenied ? 'PERMISSION_DENIED' : 'UNAVAILABLE', message);
    this.status = status;
  }
}

/** Largest answer, and largest line of one, in UTF-16 units. */
const ANSWER_UNITS_MAX = 128 * 1_048_576;
/** Part of a refusal that is told. */
const REFUSAL_UNITS_MAX = 500;
/** Silence after which the system asks whether the server is there still. */
const KEEP_ALIVE_MS = 15_000;

/** @throws ArgosyError FAILED_PRECONDITION when the configuration cannot be used. */
export async function createClusterClient(place: ClusterPlace): Promise<ClusterClient> {
  const kubeConfig = await loadConfig(place);
  const cluster = kubeConfig.getCurrentCluster();
  if (cluster === null) {
    const message = 'the kubeconfig has no current context with a cluster; set current-context';
    throw new ArgosyError('FAILED_PRECONDITION', message);
  }
  // What stands behind http has no certificate to check, and the client wants to hear it.
  if (cluster.server.startsWith('http:')) Object.assign(cluster, { skipTLSVerify: true });
  const { server } = cluster;
  const open = (question: ClusterQuestion): Promise<IncomingMessage> =>
    answerTo(question, { kubeConfig, server });
  return {
    server,
    async get(question) {
      let text = '';
      for await (const chunk of chunksOf(await open(question))) {
        text += chunk;
        if (text.length > ANSWER_UNITS_MAX) throw tooLong();
      }
      return text;
    },
    async *lines(question, opened) {
      let rest = '';
      const answer = await open(question);
      opened();
      for await (const chunk of chunksOf(answer)) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        if (rest.length > ANSWER_UNITS_MAX) throw tooLong();
        yield* lines.filter((line) => line.trim() !== '');
      }
    },
  };
}

function tooLong(): ArgosyError {
  const message = `the API server's answer has more than ${ANSWER_UNITS_MAX} characters`;
  return new ArgosyError('RESOURCE_EXHAUSTED', message);
}

async function loadConfig(place: ClusterPlace): Promise<KubeConfig> {
  const { KubeConfig: Config } = await import('@kubernetes/client-node');
  const config = new Config();
  try {
    if (place.kind === 'InCluster') {
      config.loadFromCluster();
      return config;
    }
    const [first = '', ...others] = place.paths;
    config.loadFromFile(first);
    for (const path of others) {
      const other = new Config();
      other.loadFromFile(path);
      config.mergeConfig(other, true);
    }
    return config;
  } catch (error) {
    const { message } = ArgosyError.fromUnknown(error);
    throw new ArgosyError('FAILED_PRECONDITION', `the kubeconfig cannot be used: ${message}`);
  }
}

/** The answer's head has come and its status is 200. */
async function answerTo(
  question: ClusterQuestion,
  { kubeConfig, server }: { readonly kubeConfig: KubeConfig; readonly server: string },
): Promise<IncomingMessage> {
  const url = new URL(server.replace(/\/+$/, '') + question.path);
  url.search = new URLSearchParams(question.query).toString();
  const options: RequestOptions = { headers: {} };
  // Each time, since tokens run out.
  await kubeConfig.applyToHTTPSOptions(options);
  const headers = { ...options.headers, accept: 'application/json' };
  const { idleMs, signal } = question;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
    const request = send(url, { ...options, headers, signal }, resolve);
    request.on('error', (error) => reject(unreachable(server, error)));
    request.setTimeout(idleMs, () =>
      request.destroy(new Error(`it was silent for ${idleMs / 1_000} s`)),
    );
    request.on('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS));
    request.end();
  });
  if (answer.statusCode === 200) return answer;
  throw await refusalOf(answer);
}

function unreachable(server: string, error: Error): ArgosyError {
  const message = `the API server ${server} does not answer: ${error.message}`;
  return new ArgosyError('UNAVAILABLE', message, { cause: error });
}

/** Text in the order of its arrival; no more is read than is taken. */
async function* chunksOf(answer: IncomingMessage): AsyncGenerator<string> {
  answer.setEncoding('utf8');
  try {
    for await (const chunk of answer) yield String(chunk);
  } catch (error) {
    const { message } = ArgosyError.fromUnknown(error);
    throw new ArgosyError('UNAVAILABLE', `the API server's answer broke off: ${message}`);
  } finally {
    answer.destroy();
  }
}

/** What the server says in its `Status`. */
async function refusalOf(answer: IncomingMessage): Promise<ClusterRefusal> {
  const status = answer.statusCode ?? 0;
  let text = '';
  for await (const chunk of chunksOf(answer)) {
    text += chunk;
    if (text.length > ANSWER_UNITS_MAX) break;
  }
  let said = text.slice(0, REFUSAL_UNITS_MAX);
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    if (typeof message === 'string') said = message.slice(0, REFUSAL_UNITS_MAX);
  } catch {
    // No Status: the text itself then.
  }
  return new ClusterRefusal(status, `the API server answered ${status}: ${said}`);
}
