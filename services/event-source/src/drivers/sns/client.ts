import { ArgosyError } from '@argosy/base';
import { boundedText } from '../http/provider-client.ts';
import { signedAwsHeaders, type AwsKeys } from './aws-request.ts';

const ANSWER_TIMEOUT_MS = 10_000;
const FORM_TYPE = 'application/x-www-form-urlencoded; charset=utf-8';
const ANSWER_BYTES_MAX = 1_048_576;

/** Calls SNS. */
export interface SnsClient {
  /**
   * Posts one action.
   * @returns the XML of the answer.
   * @throws ArgosyError UNAVAILABLE when it is no success.
   */
  call(
    action: string,
    fields: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<string>;
}

/** @param options.keys without them nothing is signed, which suffices to confirm a subscription. */
export function createSnsClient(options: {
  readonly endpoint: string;
  readonly region: string;
  readonly keys: () => AwsKeys | undefined;
  readonly clock: () => number;
}): SnsClient {
  const { endpoint, region, clock } = options;
  const url = new URL(endpoint);
  return {
    async call(action, fields, signal) {
      const form = new URLSearchParams({ Action: action, Version: '2010-03-31', ...fields });
      const body = form.toString();
      const keys = options.keys();
      const parts = {
        url,
        form: body,
        contentType: FORM_TYPE,
        region,
        service: 'sns',
        nowMs: clock(),
      };
      const headers =
        keys === undefined ? { 'content-type': FORM_TYPE } : signedAwsHeaders({ ...parts, keys });
      const { status, text } = await post({ url, headers, body, signal });
      if (status >= 200 && status < 300) return text;
      const message = /<Message>([^<]{1,300})/.exec(text)?.[1] ?? `status ${status}`;
      throw new ArgosyError('UNAVAILABLE', `SNS refused ${action}: ${message}`);
    },
  };
}

async function post(request: {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal | undefined;
}): Promise<{ readonly status: number; readonly text: string }> {
  const { url, headers, body } = request;
  try {
    const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
    const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
    return { status: response.status, text: await boundedText(response, ANSWER_BYTES_MAX) };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ArgosyError('UNAVAILABLE', `SNS cannot be reached: ${reason}`, { cause: error });
  }
}
