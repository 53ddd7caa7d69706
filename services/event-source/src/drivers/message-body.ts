import { ok, type Result } from '@argosy/base';
import { jsonBody } from './http/event-data.ts';

/**
 * The body of a message as JSON text, as Argo Events writes it: with `jsonBody` as it came, otherwise its
 * bytes in base64.
 * @returns an error, a sentence, when it should be JSON and is not.
 */
export function messageBody(bytes: Uint8Array, isJson: boolean): Result<string, string> {
  if (!isJson) return ok(JSON.stringify(Buffer.from(bytes).toString('base64')));
  const json = jsonBody(bytes);
  return json.ok ? ok(json.value.text) : json;
}
