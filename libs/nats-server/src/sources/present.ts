import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ArgosyError } from '@argosy/base';
import { MINIMUM_VERSION } from '../constants.ts';
import { isAtLeast, versionOf } from '../version.ts';
import type { SourceContext, SourceOutcome } from './source.ts';

export const PROGRAM = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';

/** Where a program that was obtained lies. */
export function cachedPath(context: SourceContext): string {
  return join(context.installDirectory, PROGRAM);
}

/** Accepts a program when it runs here, is nats-server, and is new enough. */
export async function accept(path: string, signal?: AbortSignal): Promise<SourceOutcome> {
  const version = await versionOf(path, signal);
  if (version === undefined) return { kind: 'Absent', reason: `${path} is not nats-server` };
  if (!isAtLeast(version, MINIMUM_VERSION)) {
    const reason = `${path} is version ${version}, and ${MINIMUM_VERSION} or newer is needed`;
    return { kind: 'Absent', reason };
  }
  return { kind: 'Found', path, version };
}

/**
 * The program that the user named in ARGOSY_NATS_SERVER.
 * @throws ArgosyError INVALID_ARGUMENT when it is named but not usable: the user's word is not
 *   ignored.
 */
export async function fromEnvironment(context: SourceContext): Promise<SourceOutcome> {
  const path = context.env['ARGOSY_NATS_SERVER'];
  if (path === undefined || path === '') {
    return { kind: 'Absent', reason: 'ARGOSY_NATS_SERVER is not set' };
  }
  const outcome = await accept(path, context.signal).catch((error: unknown): SourceOutcome => {
    return { kind: 'Absent', reason: ArgosyError.fromUnknown(error).message };
  });
  if (outcome.kind === 'Found') return outcome;
  throw new ArgosyError(
    'INVALID_ARGUMENT',
    `ARGOSY_NATS_SERVER cannot be used: ${outcome.reason}; correct or unset it`,
  );
}

/** The first nats-server on PATH that is new enough. */
export async function fromPath(context: SourceContext): Promise<SourceOutcome> {
  let reason = 'there is no nats-server on PATH';
  for (const directory of (context.env['PATH'] ?? '').split(delimiter)) {
    if (directory === '') continue;
    const path = join(directory, PROGRAM);
    if (!(await isExecutable(path))) continue;
    const outcome = await accept(path, context.signal);
    if (outcome.kind === 'Found') return outcome;
    reason = outcome.reason;
  }
  return { kind: 'Absent', reason };
}

/** The program that was obtained earlier. */
export async function fromCache(context: SourceContext): Promise<SourceOutcome> {
  const path = cachedPath(context);
  if (!(await isExecutable(path))) return { kind: 'Absent', reason: `${path} does not exist` };
  return accept(path, context.signal);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
