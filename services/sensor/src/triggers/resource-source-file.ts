import { createReadStream } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { ArgosyError } from '@argosy/base';
import type { SourceScope } from './resource-source.ts';
import { textOfBytes } from './resource-source-bytes.ts';
import { isRecord } from './trigger.ts';

/**
 * A file of the sensor's host, below the directory that is given free for it: whoever may write Sensors must not read
 * all of the host.
 */
export async function readFileSource(settings: unknown, scope: SourceScope): Promise<string> {
  const { filesDirectory } = scope.environment;
  if (filesDirectory === undefined) {
    const message = 'no directory is given free for files; set ARGOSY_SENSOR_FILES for the sensor';
    throw new ArgosyError('PERMISSION_DENIED', message);
  }
  const path = String(isRecord(settings) ? settings['path'] : '');
  return readFileBelow(filesDirectory, resolve(filesDirectory, path), path);
}

/**
 * The text of a file that lies in a directory, also once all links are followed.
 * @param shown the path as the manifest has it
 * @throws ArgosyError NOT_FOUND, PERMISSION_DENIED for a file elsewhere
 */
export async function readFileBelow(
  directory: string,
  path: string,
  shown: string,
): Promise<string> {
  let file: string;
  try {
    file = await realpath(path);
  } catch {
    throw new ArgosyError('NOT_FOUND', `there is no file ${shown}`, { retry: 'backoff' });
  }
  const top = await realpath(directory);
  if (!file.startsWith(top.endsWith(sep) ? top : top + sep)) {
    throw new ArgosyError('PERMISSION_DENIED', `the file ${shown} lies outside`);
  }
  return textOfBytes(createReadStream(file));
}
