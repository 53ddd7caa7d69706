// Covers the real nats-server for tests: kill -9, restart on the same port, removal. Leaves out
// what runs on it.
import { access } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { expect, it } from 'vitest';
import { startTestNats } from './index.ts';

async function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

it('a test server is killed, restarted on the same port and data, stopped and removed', async () => {
  const nats = await startTestNats();
  const firstPid = nats.pid;
  expect(await listens(nats.port)).toBe(true);
  await nats.kill();
  expect(await listens(nats.port)).toBe(false);
  await nats.restart();
  expect(await listens(nats.port)).toBe(true);
  expect(nats.pid).not.toBe(firstPid);
  await nats.stop();
  await nats.stop();
  expect(await listens(nats.port)).toBe(false);
  await expect(access(nats.dataDirectory)).rejects.toThrow('ENOENT');
});
