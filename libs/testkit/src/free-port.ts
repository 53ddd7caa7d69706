import { createServer } from 'node:net';

/**
 * A loopback TCP port that nobody listens on now. Somebody else may take it before you do: prefer
 * port 0 where the program under test can report the port it got.
 */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no TCP address'));
        else resolve(address.port);
      });
    });
  });
}
