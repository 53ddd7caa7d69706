import { ArgosyError } from '@argosy/base';
import { isFields, type Fields } from './settings.ts';

/** How long a provider may take for one answer. */
const ANSWER_TIMEOUT_MS = 15_000;
/** Most that is read of one answer. */
const ANSWER_BYTES_MAX = 8 * 1_048_576;
/** Pages of a list that are asked for; more are not looked at. */
export const PAGES_MAX = 100;
export const PAGE_LENGTH = 100;

/** Calls the API of a provider. */
export interface ProviderClient {
  /**
   * @returns what the answer says; undefined when it has no body.
   * @throws ArgosyError NOT_FOUND for 404, UNAVAILABLE for anything else that is no success.
   */
  call(method: string, path: string, options: CallOptions): Promise<unknown>;
}

export interface CallOptions {
  readonly signal: AbortSignal;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as a form. */
  readonly form?: URLSearchParams;
}

export function createProviderClient(options: {
  /** The provider's name in error messages. */
  readonly name: string;
  readonly baseUrl: string;
  /** The headers that authenticate, asked for at each call. */
  readonly headers: (signal: AbortSignal) => Promise<Readonly<Record<string, string>>>;
}): ProviderClient {
  const { name, baseUrl } = options;
  return {
    async call(method, path, { signal, body, form }) {
      const headers = {
        accept: 'application/json',
        'user-agent': 'argosy',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(await options.headers(signal)),
      };
      const payload = form ?? (body === undefined ? undefined : JSON.stringify(body));
      const response = await attempt(name, () =>
        fetch(`${baseUrl}${path}`, {
          method,
          headers,
          // A redirect would take the credentials to another place.
          redirect: 'error',
          signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
          ...(payload === undefined ? {} : { body: payload }),
        }),
      );
      const text = await attempt(name, () => boundedText(response));
      if (response.ok) return parsedAnswer(text);
      const asked = `${name} answered ${response.status} to ${method} ${path.split('?')[0] ?? ''}`;
      throw new ArgosyError(
        response.status === 404 ? 'NOT_FOUND' : 'UNAVAILABLE',
        `${asked}${saying(text)}; check the credentials, the names and the base address`,
      );
    },
  };
}

async function attempt<T>(name: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ArgosyError('UNAVAILABLE', `${name} cannot be reached: ${reason}`, { cause: error });
  }
}

/** The text of an answer of bounded size. */
export async function boundedText(
  response: Response,
  bytesMax = ANSWER_BYTES_MAX,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > bytesMax) throw new Error(`the answer has more than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsedAnswer(text: string): unknown {
  if (text.trim() === '') return undefined;
  // Gerrit puts this before its JSON, so that no script tag can read it.
  const json = text.startsWith(")]}'") ? text.slice(4) : text;
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return text;
  }
}

function saying(text: string): string {
  const said = parsedAnswer(text);
  const message = isFields(said) ? (said['message'] ?? said['error']) : undefined;
  return typeof message === 'string' ? ` (${message.slice(0, 200)})` : '';
}

/** All items of a list that comes in numbered pages. */
export async function allPages(
  page: (number: number) => Promise<unknown>,
): Promise<readonly Fields[]> {
  const items: Fields[] = [];
  for (let number = 1; number <= PAGES_MAX; number += 1) {
    const answer = await page(number);
    const found = Array.isArray(answer) ? answer.filter(isFields) : [];
    items.push(...found);
    if (!Array.isArray(answer) || answer.length < PAGE_LENGTH) break;
  }
  return items;
}

/** An id that may be a number. */
export function idText(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : '';
}

/** Deletes what may be gone already. */
export async function ifPresent(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (ArgosyError.fromUnknown(error).code !== 'NOT_FOUND') throw error;
  }
}
