import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ArgosyError } from '@argosy/base';
import type { Artifact } from '@argosy/model';
import type { ArtifactAccess, ArtifactScope, ResourceLookup } from '../types.ts';
import { packDirectory, packFile, placeUnpacked } from './archive.ts';
import { cloneGit } from './git-artifact.ts';
import { fetchHttp, putHttp } from './http-artifact.ts';
import { limitBytes } from './limit-bytes.ts';
import { keyOf, withKey } from './location.ts';

/** The object store of the bus, as far as artifacts need it. */
export interface ArtifactStore {
  put(name: string, content: AsyncIterable<Uint8Array>): Promise<unknown>;
  get(name: string): Promise<AsyncIterable<Uint8Array> | undefined>;
}

export interface ArtifactAccessOptions {
  readonly store: ArtifactStore;
  readonly resources: ResourceLookup;
}

/**
 * Artifacts that are given as text (`raw`), come from `http` or `git`, or lie under a key in the store of the
 * bus. Locations that name a bucket or endpoint of their own are refused, because the content would
 * not be where the manifest says.
 */
export function createArtifactAccess(options: ArtifactAccessOptions): ArtifactAccess {
  return {
    load: (artifact, destination, scope) =>
      loadArtifact(artifact, destination, { ...options, scope }),
    save: (artifact, source, scope) => saveArtifact(artifact, source, { ...options, scope }),
  };
}

interface Context extends ArtifactAccessOptions {
  readonly scope: ArtifactScope;
}

async function loadArtifact(
  artifact: Artifact,
  destination: string,
  context: Context,
): Promise<void> {
  const access = { resources: context.resources, scope: context.scope };
  if (artifact.git !== undefined) return cloneGit(artifact.git, destination, access);
  const part = `${destination}.argosy-part`;
  try {
    if (artifact.raw !== undefined) await writeFile(part, artifact.raw.data);
    else if (artifact.http !== undefined) await download(part, fetchHttp(artifact.http, access));
    else if (await loadFromStore(artifact, { part, destination }, context)) return;
    await placeUnpacked(part, destination, artifact.archive);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

/** @returns true when a whole directory was put at the destination, so that nothing is left to unpack. */
async function loadFromStore(
  artifact: Artifact,
  places: { readonly part: string; readonly destination: string },
  context: Context,
): Promise<boolean> {
  const key = keyOf(artifact);
  if (key === undefined) throw new ArgosyError('NOT_FOUND', 'its location holds no key');
  const content = await context.store.get(objectName(context.scope, key));
  if (content !== undefined) {
    await download(places.part, Promise.resolve(content));
    return false;
  }
  const names = await directoryIndex(key, context);
  if (names === undefined)
    throw new ArgosyError('NOT_FOUND', `no artifact is stored under "${key}"`);
  await mkdir(places.destination, { recursive: true });
  for (const name of names) {
    const file = `${places.destination}/${name}`;
    const part = await context.store.get(objectName(context.scope, `${key}/${name}`));
    if (part === undefined) throw new ArgosyError('NOT_FOUND', `"${key}/${name}" is not stored`);
    await mkdir(dirname(file), { recursive: true });
    await download(file, Promise.resolve(part));
  }
  return true;
}

/** The names below a key that was stored file by file (`archive: none` of a directory). */
async function directoryIndex(
  key: string,
  context: Context,
): Promise<readonly string[] | undefined> {
  const index = await context.store.get(objectName(context.scope, indexKey(key)));
  if (index === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of index) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString()) as readonly string[];
}

async function download(file: string, content: Promise<AsyncIterable<Uint8Array>>): Promise<void> {
  await pipeline(Readable.from(limitBytes(await content)), createWriteStream(file));
}

async function saveArtifact(
  artifact: Artifact,
  source: string,
  context: Context,
): Promise<Artifact> {
  const { scope, store } = context;
  if (artifact.http !== undefined) {
    const access = { resources: context.resources, scope };
    await putHttp(artifact.http, await packed(artifact, source), access);
    return artifact;
  }
  const key = keyOf(artifact) ?? defaultKey(artifact, scope);
  if (artifact.archive?.none !== undefined && (await stat(source)).isDirectory()) {
    await saveDirectory(key, source, context);
  } else {
    await store.put(objectName(scope, key), limitBytes(await packed(artifact, source)));
  }
  return withKey(artifact, key);
}

async function packed(artifact: Artifact, source: string): Promise<AsyncIterable<Uint8Array>> {
  if (!existsSync(source)) throw new ArgosyError('NOT_FOUND', `${source} does not exist`);
  return artifact.archive?.none === undefined
    ? packFile(source, artifact.archive)
    : createReadStream(source);
}

async function saveDirectory(key: string, source: string, context: Context): Promise<void> {
  const { scope, store } = context;
  const files = await packDirectory(source);
  for (const name of files) {
    const content = createReadStream(`${source}/${name}`);
    await store.put(objectName(scope, `${key}/${name}`), limitBytes(content));
  }
  const index = Readable.from([Buffer.from(JSON.stringify(files))]);
  await store.put(objectName(scope, indexKey(key)), index);
}

function indexKey(key: string): string {
  return `${key}/.argosy-index`;
}

/** Namespaces do not see one another's artifacts. */
function objectName(scope: ArtifactScope, key: string): string {
  return `${scope.namespace}/${key}`;
}

/** Argo's default key: workflow, pod, and the artifact's name with the ending of its archive. */
function defaultKey(artifact: Artifact, scope: ArtifactScope): string {
  const { archive } = artifact;
  const ending = archive?.none !== undefined ? '' : archive?.zip !== undefined ? '.zip' : '.tgz';
  return `${scope.workflow}/${scope.podName}/${artifact.name}${ending}`;
}
