import { ArgosyError } from '@argosy/base';
import type { Directory } from '../directory/follow-directory.ts';
import type { FileEntry, Listing } from '../directory/listing.ts';
import { boundedText } from '../http/provider-client.ts';
import { isFields, type Fields } from '../http/settings.ts';
import type { HdfsSettings } from './settings.ts';

/** How long the listing of one directory may take, milliseconds. */
const LIST_MS_MAX = 30_000;
const LIST_BYTES_MAX = 32 * 1_048_576;
/** Directories that one look goes into. */
const DIRECTORIES_MAX = 1_000;

/** The answer of a name node that has no such directory. */
interface Missing {
  readonly kind: 'Missing';
}
type Answer = { readonly kind: 'Files'; readonly files: readonly Fields[] } | Missing;

/**
 * A directory in HDFS with all that is below it, by WebHDFS' LISTSTATUS
 * (https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-hdfs/WebHDFS.html). Of several name nodes the
 * one that answers is asked; a standby refuses.
 */
export function webDirectory(settings: HdfsSettings): Directory {
  const root = settings.watch.directory.replace(/\/+$/, '');
  let address = settings.addresses[0] ?? '';
  let identities: ReadonlySet<string> = new Set();

  async function listOne(path: string, signal: AbortSignal): Promise<Answer> {
    const others = settings.addresses.filter((other) => other !== address);
    let trouble: unknown;
    for (const candidate of [address, ...others]) {
      try {
        const answer = await listStatus({ address: candidate, path, user: settings.user, signal });
        address = candidate;
        return answer;
      } catch (error) {
        trouble = error;
      }
    }
    throw trouble;
  }

  return {
    name: `the HDFS directory ${settings.watch.directory}`,
    async list(isMeant, signal) {
      const entries = new Map<string, FileEntry>();
      const seen = new Set<string>();
      const paths = [root];
      for (let count = 0; count < paths.length; count += 1) {
        if (count >= DIRECTORIES_MAX) {
          const message = `it has more than ${DIRECTORIES_MAX} directories; watch one below it`;
          throw new ArgosyError('RESOURCE_EXHAUSTED', message);
        }
        const path = paths[count] ?? '';
        const answer = await listOne(path === '' ? '/' : path, signal);
        // One that went away meanwhile is no trouble, unless it is the one to watch.
        if (answer.kind === 'Missing' && count > 0) continue;
        if (answer.kind === 'Missing') throw new ArgosyError('NOT_FOUND', 'it does not exist');
        for (const file of answer.files) {
          const name = `${path}/${String(file['pathSuffix'])}`;
          const entry = entryOf(file);
          seen.add(entry.identity);
          if (isMeant(name)) entries.set(name, entry);
          if (file['type'] === 'DIRECTORY') paths.push(name);
        }
      }
      identities = seen;
      return entries satisfies Listing;
    },
    identities: () => Promise.resolve(identities),
  };
}

async function listStatus(ask: {
  readonly address: string;
  readonly path: string;
  readonly user: string;
  readonly signal: AbortSignal;
}): Promise<Answer> {
  const { address, path, user } = ask;
  const query = new URLSearchParams({ op: 'LISTSTATUS', 'user.name': user });
  const place = path.split('/').map(encodeURIComponent).join('/');
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${address}/webhdfs/v1${place}?${query.toString()}`, {
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.any([ask.signal, AbortSignal.timeout(LIST_MS_MAX)]),
    });
    text = await boundedText(response, LIST_BYTES_MAX);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ArgosyError('UNAVAILABLE', `${address}: ${reason}`, { cause: error });
  }
  if (response.status === 404) return { kind: 'Missing' };
  const answer = parsed(text);
  const statuses = isFields(answer) ? answer['FileStatuses'] : undefined;
  const files = isFields(statuses) ? statuses['FileStatus'] : undefined;
  if (response.ok && Array.isArray(files)) return { kind: 'Files', files: files.filter(isFields) };
  const said = `${address} answered ${response.status}${remoteMessage(answer)}`;
  throw new ArgosyError('UNAVAILABLE', `${said}; it must be a name node's address for WebHDFS`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function remoteMessage(answer: unknown): string {
  const exception = isFields(answer) ? answer['RemoteException'] : undefined;
  const message = isFields(exception) ? exception['message'] : undefined;
  return typeof message === 'string' ? ` (${message.split('\n')[0]?.slice(0, 200) ?? ''})` : '';
}

function entryOf(file: Fields): FileEntry {
  const isDirectory = file['type'] === 'DIRECTORY';
  const [size, modified] = [Number(file['length'] ?? 0), Number(file['modificationTime'] ?? 0)];
  return {
    sizeBytes: isDirectory ? 0 : size,
    modifiedMs: isDirectory ? 0 : modified,
    identity: String(file['fileId'] ?? ''),
    access: [file['permission'], file['owner'], file['group']].join(':'),
  };
}
