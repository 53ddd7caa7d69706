import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Container, HttpGetAction, Probe } from '@argosy/model';
import { PROBE_PERIOD_DEFAULT_MS, PROBE_TIMEOUT_DEFAULT_MS } from '../limits.ts';

/** Runs a command where the container runs; its exit code. */
export type ProbeExec = (argv: readonly string[], signal: AbortSignal) => Promise<number>;

export interface ReadinessOptions {
  readonly container: Container;
  readonly exec: ProbeExec;
  readonly signal: AbortSignal;
}

/**
 * Resolves true when the container's readiness probe has succeeded (at once without a probe), false when the
 * signal came first. Probes of host processes look at the loopback.
 */
export async function whenReady(options: ReadinessOptions): Promise<boolean> {
  const { container, signal } = options;
  const probe = container.readinessProbe;
  if (probe === undefined) return !signal.aborted;
  const periodMs = (probe.periodSeconds ?? 0) * 1_000 || PROBE_PERIOD_DEFAULT_MS;
  const needed = probe.successThreshold ?? 1;
  let successes = 0;
  await pause((probe.initialDelaySeconds ?? 0) * 1_000, signal);
  while (!signal.aborted) {
    successes = (await succeeds(probe, options)) ? successes + 1 : 0;
    if (successes >= needed) return !signal.aborted;
    await pause(periodMs, signal);
  }
  return false;
}

async function succeeds(probe: Probe, options: ReadinessOptions): Promise<boolean> {
  const timeoutMs = (probe.timeoutSeconds ?? 0) * 1_000 || PROBE_TIMEOUT_DEFAULT_MS;
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(timeoutMs)]);
  try {
    if (probe.exec !== undefined)
      return (await options.exec(probe.exec.command ?? [], signal)) === 0;
    if (probe.httpGet !== undefined) return await answers(probe.httpGet, options.container, signal);
    if (probe.tcpSocket !== undefined) {
      const { host, port } = probe.tcpSocket;
      return await accepts(host ?? LOOPBACK, portNumber(port, options.container), signal);
    }
    return true;
  } catch {
    return false;
  }
}

const LOOPBACK = '127.0.0.1';

/** A port by its number, or by the name that the container gives it. */
function portNumber(port: number | string, container: Container): number {
  const named = container.ports?.find((candidate) => candidate['name'] === port);
  return Number(named?.['containerPort'] ?? port);
}

function answers(
  action: HttpGetAction,
  container: Container,
  signal: AbortSignal,
): Promise<boolean> {
  const port = portNumber(action.port, container);
  const headers = (action.httpHeaders ?? []).map(({ name, value }) => [name, value] as const);
  const options = {
    host: action.host ?? LOOPBACK,
    port,
    path: action.path ?? '/',
    headers: Object.fromEntries(headers),
    signal,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(options, (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      resolve(status >= 200 && status < 400);
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}

function accepts(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', reject);
  });
}

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  await delay(durationMs, undefined, { signal }).catch(() => undefined);
}
