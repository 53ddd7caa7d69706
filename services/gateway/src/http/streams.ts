import { once } from 'node:events';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { STREAM_KEEPALIVE_MS } from '../config.ts';
import { errorAnswer } from './errors.ts';

/** The signal under which a stream runs: aborted when the client leaves or the gateway stops. */
export function streamSignal(reply: FastifyReply, stopping: AbortSignal): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    gone.abort();
  });
  return AbortSignal.any([gone.signal, stopping]);
}

/**
 * Answers with one message per item: server-sent events when the client accepts these, else a line
 * of JSON each; both `{"result": …}` as grpc-gateway writes streams. An error before the first item is
 * an ordinary answer; a later one is the last message, `{"error": …}`. Nothing is buffered beyond
 * what the socket holds.
 */
export async function sendStream(
  request: FastifyRequest,
  reply: FastifyReply,
  items: AsyncIterable<unknown>,
): Promise<FastifyReply> {
  const iterator = items[Symbol.asyncIterator]();
  const isEvents = (request.headers.accept ?? '').includes('text/event-stream');
  const first = iterator.next();
  const firstItem = await Promise.race([first, settledWithin(FIRST_ITEM_WAIT_MS)]);
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    'content-type': isEvents ? 'text/event-stream' : 'application/json',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  });
  raw.flushHeaders();
  const keepalive = setInterval(() => {
    if (isEvents) raw.write(':\n\n');
  }, STREAM_KEEPALIVE_MS);
  const write = async (message: object): Promise<void> => {
    const text = JSON.stringify(message);
    if (raw.destroyed) return;
    if (!raw.write(isEvents ? `data: ${text}\n\n` : `${text}\n`)) await drained(raw);
  };
  try {
    let next = firstItem ?? (await first);
    while (next.done !== true && !raw.destroyed) {
      await write({ result: next.value });
      next = await iterator.next();
    }
  } catch (error) {
    await write({ error: errorAnswer(error).body });
  } finally {
    clearInterval(keepalive);
    await iterator.return?.(undefined);
    raw.end();
  }
  return reply;
}

/** How long a stream may take to fail in a way that still gets a status of its own, milliseconds. */
const FIRST_ITEM_WAIT_MS = 50;

async function settledWithin(waitMs: number): Promise<undefined> {
  await new Promise((resolve) => setTimeout(resolve, waitMs));
  return undefined;
}

async function drained(raw: FastifyReply['raw']): Promise<void> {
  await Promise.race([once(raw, 'drain'), once(raw, 'close')]).catch(() => undefined);
}
