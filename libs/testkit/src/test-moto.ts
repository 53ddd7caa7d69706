import { freePort } from './free-port.ts';
import { startServerProcess, versionOf, type ServerProcess } from './server-process.ts';

/** moto, a server that speaks the protocols of AWS and keeps everything in memory. */
export interface TestMoto extends ServerProcess {
  readonly url: string;
}

/** Such as `moto 5.2.1`; undefined where it is not installed (pip install 'moto[server]'). */
export function motoVersion(): string | undefined {
  const line = versionOf('python3', ['-c', 'import moto.server; print(moto.__version__)']);
  return line !== undefined && /^\d/.test(line) ? `moto ${line}` : undefined;
}

/** Starts it on a port of its own. */
export async function startTestMoto(): Promise<TestMoto> {
  const port = await freePort();
  const args = ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)];
  const server = await startServerProcess({ command: 'python3', args, port });
  return { ...server, url: `http://127.0.0.1:${port}` };
}
