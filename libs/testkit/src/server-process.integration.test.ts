// Covers servers that tests start: readiness, what they print, their end. Uses Node's own HTTP server
// in a process of its own.
import { expect, it } from 'vitest';
import { freePort, startServerProcess, versionOf } from './index.ts';

const SERVER = "require('http').createServer((q, r) => r.end('yes')).listen(+process.argv[1]);";

it('a server is there when it listens, and gone when it is stopped', async () => {
  const port = await freePort();
  const args = ['-e', SERVER, String(port)];
  const server = await startServerProcess({ command: process.execPath, args, port });
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('yes');
  await expect(startServerProcess({ command: process.execPath, args, port })).rejects.toThrow(
    'is taken already',
  );
  await server.stop();
  await server.stop();
  await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow('fetch failed');
});

it('a server that ends before it listens is an error with what it printed', async () => {
  const port = await freePort();
  const args = ['-e', "console.error('no room'); process.exit(3)"];
  await expect(startServerProcess({ command: process.execPath, args, port })).rejects.toThrow(
    'no room',
  );
});

it('a program that is not installed is an error and has no version', async () => {
  const options = { command: '/nowhere/server', args: [], port: await freePort() };
  await expect(startServerProcess(options)).rejects.toThrow('ENOENT');
  expect(versionOf('/nowhere/server')).toBeUndefined();
  expect(versionOf(process.execPath)).toMatch(/^v\d+/);
});
