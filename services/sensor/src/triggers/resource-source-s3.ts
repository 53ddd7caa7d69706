import { Agent } from 'node:https';
import { ArgosyError } from '@argosy/base';
import type { Client } from 'minio';
import { secretOf, textOf } from './call-settings.ts';
import type { SourceScope } from './resource-source.ts';
import { SOURCE_TIMEOUT_MS, textOfBytes } from './resource-source-bytes.ts';
import { isRecord } from './trigger.ts';

type Settings = Readonly<Record<string, unknown>>;

export function s3SourceProblems(value: unknown): readonly string[] {
  const settings = isRecord(value) ? value : {};
  const { name, key } = bucketOf(settings);
  const problems: string[] = [];
  const endpoint = textOf(settings['endpoint']);
  if (endpoint === undefined) {
    problems.push('source.s3.endpoint is missing; give a host such as s3.amazonaws.com');
  } else if (!URL.canParse(`http://${endpoint}`) || endpoint.includes('/')) {
    problems.push('source.s3.endpoint must be a host, with or without a port');
  }
  if (name === undefined) problems.push('source.s3.bucket.name is missing');
  if (key === undefined) problems.push('source.s3.bucket.key is missing; name the object');
  for (const field of ['accessKey', 'secretKey']) {
    if (!isRecord(settings[field])) {
      problems.push(`source.s3.${field} must name a Secret and one of its keys: {name, key}`);
    }
  }
  return problems;
}

function bucketOf(settings: Settings): {
  readonly name?: string | undefined;
  readonly key?: string | undefined;
} {
  const { bucket } = settings;
  return isRecord(bucket) ? { name: textOf(bucket['name']), key: textOf(bucket['key']) } : {};
}

/** Errors of S3 that another attempt does not mend. */
const FINAL = ['AccessDenied', 'InvalidAccessKeyId', 'SignatureDoesNotMatch'];

/** An object of a bucket, with the keys of Secrets. */
export async function readS3Source(value: unknown, scope: SourceScope): Promise<string> {
  const settings = isRecord(value) ? value : {};
  const { name = '', key = '' } = bucketOf(settings);
  const client = await clientOf(settings, scope);
  const timeout = AbortSignal.any([scope.call.signal, AbortSignal.timeout(SOURCE_TIMEOUT_MS)]);
  try {
    const content = await untilAborted(client.getObject(name, key), timeout);
    timeout.addEventListener('abort', () => content.destroy(new Error('it took too long')));
    return await textOfBytes(content as AsyncIterable<Uint8Array>);
  } catch (error) {
    if (error instanceof ArgosyError) throw error;
    const { code = '', message } = error as { readonly code?: string; readonly message?: string };
    const retry = FINAL.includes(code) ? 'never' : 'backoff';
    const text = `${name}/${key}: ${code} ${message ?? ''}`.trim();
    throw new ArgosyError('UNAVAILABLE', text, { cause: error, retry });
  }
}

async function clientOf(settings: Settings, scope: SourceScope): Promise<Client> {
  const secret = (field: string): string => {
    const found = secretOf(settings[field], field, { ...scope, values: scope.environment.values });
    if (found.ok) return found.value;
    throw new ArgosyError('FAILED_PRECONDITION', found.error, { retry: 'backoff' });
  };
  const endpoint = new URL(`http://${String(settings['endpoint'])}`);
  const region = textOf(settings['region']);
  const ca = isRecord(settings['caCertificate']) ? secret('caCertificate') : undefined;
  const minio = await import('minio');
  return new minio.Client({
    endPoint: endpoint.hostname,
    ...(endpoint.port === '' ? {} : { port: Number(endpoint.port) }),
    useSSL: settings['insecure'] !== true,
    accessKey: secret('accessKey'),
    secretKey: secret('secretKey'),
    ...(region === undefined ? {} : { region }),
    ...(ca === undefined ? {} : { transportAgent: new Agent({ ca }) }),
  });
}

/** The client takes no signal of its own. */
function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('it took too long')), { once: true });
    work.then(resolve, reject);
  });
}
