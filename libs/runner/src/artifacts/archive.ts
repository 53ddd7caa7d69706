import { cp, mkdir, mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { constants as zlibConstants, createGzip, gunzipSync } from 'node:zlib';
import { ArgosyError } from '@argosy/base';
import type { ArchiveStrategy } from '@argosy/model';
import { runProgram, streamProgram } from './program.ts';

/** Bytes of a file that are looked at to tell what it is. */
const HEAD_BYTES = 64 * 1024;
const TAR_MAGIC_OFFSET = 257;

/** A file or directory as a gzipped tar (default) or a zip. */
export async function packFile(
  source: string,
  archive: ArchiveStrategy | undefined,
): Promise<AsyncIterable<Uint8Array>> {
  const parent = dirname(source);
  const name = basename(source);
  if (archive?.zip !== undefined) {
    return streamProgram('zip', ['-q', '-r', '-', name], { workingDirectory: parent });
  }
  const level = archive?.tar?.compressionLevel ?? zlibConstants.Z_DEFAULT_COMPRESSION;
  const tar = streamProgram('tar', ['-cf', '-', '-C', parent, '--', name], {});
  return (await tar).compose(createGzip({ level })) as AsyncIterable<Uint8Array>;
}

/** The regular files of a directory, as paths below it, in order. */
export async function packDirectory(source: string): Promise<readonly string[]> {
  const entries = await readdir(source, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(source.length + 1))
    .toSorted();
}

/**
 * Puts a fetched file at its destination; a tarball or zip is unpacked unless the artifact says `none`. An archive
 * with one entry becomes that entry, one with several a directory of them.
 */
export async function placeUnpacked(
  file: string,
  destination: string,
  archive: ArchiveStrategy | undefined,
): Promise<void> {
  const kind = archive?.none === undefined ? await archiveKind(file) : 'plain';
  if (kind === 'plain') return moveTo(file, destination);
  const unpacked = await mkdtemp(`${destination}.argosy-unpacked-`);
  try {
    if (kind === 'zip') await runProgram('unzip', ['-q', file, '-d', unpacked], {});
    else await runProgram('tar', [kind === 'tgz' ? '-xzf' : '-xf', file, '-C', unpacked], {});
    const names = await readdir(unpacked);
    const [only] = names;
    const single = names.length === 1 && only !== undefined;
    await moveTo(single ? join(unpacked, only) : unpacked, destination);
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}

/** Renames, or copies where a rename is not possible: into a directory that exists, or another device. */
async function moveTo(source: string, destination: string): Promise<void> {
  const existing = await stat(destination).catch(() => undefined);
  if (existing?.isDirectory() !== true) {
    const renamed = await rename(source, destination).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EXDEV') return false;
        throw error;
      },
    );
    if (renamed) return;
  }
  const isDirectory = (await stat(source)).isDirectory();
  if (existing?.isDirectory() === true && !isDirectory) {
    throw new ArgosyError(
      'FAILED_PRECONDITION',
      'its path is a directory, but the artifact is a file',
    );
  }
  if (isDirectory) await mkdir(destination, { recursive: true });
  await cp(source, destination, { recursive: true, verbatimSymlinks: true, mode: 0 });
}

async function archiveKind(file: string): Promise<'tgz' | 'tar' | 'zip' | 'plain'> {
  const head = await readHead(file);
  if (head.subarray(0, 4).equals(Buffer.from('PK\x03\x04', 'latin1'))) return 'zip';
  if (isTar(head)) return 'tar';
  if (head[0] !== 0x1f || head[1] !== 0x8b) return 'plain';
  try {
    const start = gunzipSync(head, { finishFlush: zlibConstants.Z_SYNC_FLUSH });
    return isTar(start) ? 'tgz' : 'plain';
  } catch {
    return 'plain';
  }
}

async function readHead(file: string): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const buffer = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function isTar(head: Buffer): boolean {
  return head.toString('latin1', TAR_MAGIC_OFFSET, TAR_MAGIC_OFFSET + 5) === 'ustar';
}
