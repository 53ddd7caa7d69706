import { ArgosyError } from '@argosy/base';
import type { SourceScope } from './resource-source.ts';
import { SOURCE_TIMEOUT_MS, textOfBytes } from './resource-source-bytes.ts';
import { isRecord } from './trigger.ts';

export function urlSourceProblems(settings: unknown): readonly string[] {
  const { path, verifyCert } = isRecord(settings) ? settings : {};
  const problems: string[] = [];
  if (typeof path !== 'string' || !/^https?:\/\//.test(path) || !URL.canParse(path)) {
    problems.push('source.url.path must be an http or https address');
  }
  if (verifyCert !== undefined && typeof verifyCert !== 'boolean') {
    problems.push('source.url.verifyCert must be true or false');
  }
  return problems;
}

/** What a GET of the address answers. The certificate is checked unless `verifyCert` is false. */
export async function readUrlSource(settings: unknown, { call }: SourceScope): Promise<string> {
  const { path, verifyCert } = isRecord(settings) ? settings : {};
  const { openExchange } = await import('@argosy/runner');
  const url = String(path);
  const response = await openExchange({
    method: 'GET',
    url,
    headers: {},
    body: undefined,
    verifyTls: verifyCert !== false,
    signal: AbortSignal.any([call.signal, AbortSignal.timeout(SOURCE_TIMEOUT_MS)]),
  });
  if (response.statusCode === 200) return textOfBytes(response);
  response.resume();
  throw new ArgosyError('UNAVAILABLE', `${url} answered ${response.statusCode ?? 0}`);
}
