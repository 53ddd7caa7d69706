import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ArgosyError } from '@argosy/base';
import { DOWNLOAD_MAX_BYTES, DOWNLOAD_TIMEOUT_MS, PREFERRED_VERSION } from '../constants.ts';
import { fileFromTar } from '../tar.ts';
import { install } from './install.ts';
import { PROGRAM } from './present.ts';
import type { SourceContext, SourceOutcome } from './source.ts';

const RELEASES_URL = 'https://github.com/nats-io/nats-server/releases/download';
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  arm: 'arm7',
  ia32: '386',
  s390x: 's390x',
  ppc64: 'ppc64le',
};
const PLATFORMS: Readonly<Record<string, string>> = { win32: 'windows' };

/** The archive of this platform in a release. */
export function archiveName(version: string, platform: string, architecture: string): string {
  const system = PLATFORMS[platform] ?? platform;
  const machine = ARCHITECTURES[architecture] ?? architecture;
  return `nats-server-v${version}-${system}-${machine}.tar.gz`;
}

/**
 * Downloads the release archive of this platform. ARGOSY_NATS_RELEASES_URL names a mirror;
 * ARGOSY_NATS_SERVER_SHA256 the digest to insist on, else the release's own list SHA256SUMS is
 * used.
 */
export async function fromRelease(context: SourceContext): Promise<SourceOutcome> {
  const base = context.env['ARGOSY_NATS_RELEASES_URL'] ?? RELEASES_URL;
  const name = archiveName(PREFERRED_VERSION, process.platform, process.arch);
  const directoryUrl = `${base.replace(/\/+$/, '')}/v${PREFERRED_VERSION}`;
  context.onProgress(`downloading ${directoryUrl}/${name}`);
  return install(context, async (directory) => {
    const expected = await expectedDigest(directoryUrl, name, context);
    const archive = await download(`${directoryUrl}/${name}`, context.signal);
    const actual = createHash('sha256').update(archive).digest('hex');
    if (actual !== expected) {
      throw new ArgosyError(
        'FAILED_PRECONDITION',
        `${directoryUrl}/${name} has the SHA-256 ${actual}, and ${expected} was expected; ` +
          'the download is damaged or not the release, so it is not used',
      );
    }
    const program = fileFromTar(await unpacked(archive, name), PROGRAM);
    if (program === undefined) {
      throw new ArgosyError('FAILED_PRECONDITION', `${name} holds no file ${PROGRAM}`);
    }
    const path = join(directory, PROGRAM);
    await writeFile(path, program);
    return path;
  });
}

async function expectedDigest(
  directoryUrl: string,
  name: string,
  context: SourceContext,
): Promise<string> {
  const given = context.env['ARGOSY_NATS_SERVER_SHA256'];
  if (given !== undefined && given !== '') return given.toLowerCase();
  const list = (await download(`${directoryUrl}/SHA256SUMS`, context.signal)).toString('utf8');
  for (const line of list.split('\n')) {
    const [digest, file] = line.trim().split(/\s+\*?/);
    if (file === name && digest !== undefined) return digest.toLowerCase();
  }
  throw new ArgosyError('NOT_FOUND', `${directoryUrl}/SHA256SUMS does not list ${name}`);
}

async function download(url: string, signal: AbortSignal | undefined): Promise<Buffer> {
  const timeout = AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS);
  const both = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  try {
    const response = await fetch(url, { signal: both, redirect: 'follow' });
    if (!response.ok) {
      throw new ArgosyError('UNAVAILABLE', `${url} answered HTTP ${response.status}`);
    }
    return await body(response, url);
  } catch (error) {
    if (error instanceof ArgosyError) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ArgosyError('UNAVAILABLE', `${url} could not be downloaded: ${why}`, {
      cause: error,
    });
  }
}

async function body(response: Response, url: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let receivedBytes = 0;
  for await (const chunk of response.body ?? []) {
    receivedBytes += chunk.length;
    if (receivedBytes > DOWNLOAD_MAX_BYTES) {
      const message = `${url} is larger than ${DOWNLOAD_MAX_BYTES} bytes, so it is no release archive`;
      throw new ArgosyError('RESOURCE_EXHAUSTED', message);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function unpacked(archive: Buffer, name: string): Promise<Buffer> {
  return promisify(gunzip)(archive).catch((error: unknown) => {
    throw new ArgosyError('FAILED_PRECONDITION', `${name} is no gzip archive`, { cause: error });
  });
}
