import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from '@argosy/telemetry';
import type { RunningService } from './service.ts';

/** Plain HTTP for probes and Prometheus, of services that serve no other HTTP. */
export interface HealthServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** `/healthz` (the process lives), `/readyz` (it can work; 503 with the reason otherwise), `/metrics`. */
export async function startHealthServer(options: {
  readonly host: string;
  readonly port: number;
  readonly service: RunningService;
  readonly metrics: Metrics;
}): Promise<HealthServer> {
  const { service, metrics } = options;
  const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };
  const answers: Readonly<Record<string, () => Promise<readonly [number, string]>>> = {
    '/healthz': () => Promise.resolve([200, 'ok\n']),
    '/readyz': () => {
      const { ready, reason } = service.ready();
      return Promise.resolve(ready ? [200, 'ok\n'] : [503, `${reason ?? 'not ready'}\n`]);
    },
    '/metrics': async () => [200, await metrics.render()],
  };
  const server = createServer((request, response) => {
    const answer = answers[(request.url ?? '').split('?')[0] ?? ''];
    const given = answer?.() ?? Promise.resolve([404, 'not found\n'] as const);
    given.then(
      ([status, body]) => response.writeHead(status, headers).end(body),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
