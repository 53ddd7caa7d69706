// Covers settings from the environment and the probes. Leaves out whole processes (test/e2e).
import { createMetrics } from '@argosy/telemetry';
import { afterEach, describe, expect, it } from 'vitest';
import { environmentOf, startHealthServer, type HealthServer } from './index.ts';

describe('settings from the environment', () => {
  const environment = environmentOf({ NUMBER: '7', WORD: 'seven', NOTHING: '', LIST: 'a,,b' });

  it('are numbers where numbers are wanted', () => {
    expect(environment.number('NUMBER', 1)).toBe(7);
    expect(() => environment.number('WORD', 1)).toThrow('WORD must be a whole number, not "seven"');
  });
  it('count as not set when they are empty', () => {
    expect(environment.number('NOTHING', 1)).toBe(1);
    expect(environment.text('NOTHING', 'x')).toBe('x');
    expect(() => environment.required('NOTHING')).toThrow('NOTHING must be set');
  });
  it('are lists by commas', () => {
    expect(environment.list('LIST')).toEqual(['a', 'b']);
  });
});

describe('the probes of a service', () => {
  let server: HealthServer | undefined;
  let isReady = true;

  afterEach(async () => {
    await server?.stop();
  });

  async function get(path: string): Promise<{ status: number; text: string }> {
    const metrics = createMetrics();
    metrics.instrument({ kind: 'counter', name: 'things_total', help: 'Things.' });
    server = await startHealthServer({
      host: '127.0.0.1',
      port: 0,
      metrics,
      service: {
        name: 'x',
        rpcAddress: '',
        ready: () => (isReady ? { ready: true } : { ready: false, reason: 'no bus' }),
        stop: () => Promise.resolve(),
      },
    });
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
    return { status: response.status, text: await response.text() };
  }

  it('say that the process lives', async () => {
    expect(await get('/healthz')).toMatchObject({ status: 200 });
  });
  it('say why it cannot work', async () => {
    isReady = false;
    expect(await get('/readyz')).toEqual({ status: 503, text: 'no bus\n' });
  });
  it('give the metrics', async () => {
    expect((await get('/metrics?x=1')).text).toContain('things_total 0');
  });
  it('know nothing else', async () => {
    expect(await get('/secrets')).toMatchObject({ status: 404 });
  });
});
