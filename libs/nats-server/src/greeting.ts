import { createConnection } from 'node:net';

const GREETING_TIMEOUT_MS = 2_000;
const GREETING_MAX_CHARACTERS = 64 * 1024;

/**
 * The `server_name` in the INFO line with which a NATS server greets, or undefined when nobody, or
 * something else, answers on that port.
 */
export async function serverNameAt(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    let text = '';
    const finish = (name: string | undefined): void => {
      socket.destroy();
      resolve(name);
    };
    socket.setTimeout(GREETING_TIMEOUT_MS, () => {
      finish(undefined);
    });
    socket.once('error', () => {
      finish(undefined);
    });
    socket.once('end', () => {
      finish(undefined);
    });
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
      if (text.includes('\r\n')) finish(nameIn(text));
      else if (text.length > GREETING_MAX_CHARACTERS) finish(undefined);
    });
  });
}

function nameIn(greeting: string): string | undefined {
  const match = /^INFO (\{.*\})\s*\r\n/.exec(greeting);
  if (match?.[1] === undefined) return undefined;
  try {
    const info = JSON.parse(match[1]) as { readonly server_name?: unknown };
    return typeof info.server_name === 'string' ? info.server_name : undefined;
  } catch {
    return undefined;
  }
}
