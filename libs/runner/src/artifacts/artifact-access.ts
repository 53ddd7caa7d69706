import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
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
  /** Names that begin with a text, in order. */
  list(prefix: string): Promise<readonly string[]>;
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
    list: async (artifact, scope) => {
      const root = objectName(scope, '');
      const names = await options.store.list(`${root}${keyOf(artifact) ?? ''}`);
      return names.map((name) => name.slice(root.length));
    },
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
  await loadDirectory(key, places.destination, context);
  return true;
}

/** Everything that lies below a key, stored there file by file, becomes a directory. */
async function loadDirectory(key: string, destination: string, context: Context): Promise<void> {
  const folder = objectName(context.scope, directoryKey(key));
  const names = await context.store.list(folder);
  if (names.length === 0) {
    throw new ArgosyError('NOT_FOUND', `no artifact is stored under "${key}"`);
  }
  await mkdir(destination, { recursive: true });
  for (const name of names.filter((stored) => stored !== folder)) {
    const file = fileBelow(destination, name.slice(folder.length));
    const content = await context.store.get(name);
    if (content === undefined) throw new ArgosyError('NOT_FOUND', `"${name}" is not stored`);
    await mkdir(dirname(file), { recursive: true });
    await download(file, Promise.resolve(content));
  }
}

/** @throws ArgosyError for a name that leads out of the directory: names are whatever was stored. */
function fileBelow(directory: string, name: string): string {
  const file = resolve(directory, name);
  if (file.startsWith(`${resolve(directory)}/`)) return file;
  throw new ArgosyError('FAILED_PRECONDITION', `"${name}" leads out of the artifact's directory`);
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
  const names = await packDirectory(source);
  // As in S3, an object whose name ends with a slash stands for a directory with nothing in it.
  if (names.length === 0) await store.put(objectName(scope, directoryKey(key)), Readable.from([]));
  for (const name of names) {
    const content = createReadStream(`${source}/${name}`);
    await store.put(objectName(scope, `${directoryKey(key)}${name}`), limitBytes(content));
  }
}

/** A key as that of a directory: with one slash at its end. */
function directoryKey(key: string): string {
  return `${key.replace(/\/+$/, '')}/`;
}

/** Namespaces do not see one another's artifacts. */
function objectName(scope: Pick<ArtifactScope, 'namespace'>, key: string): string {
  return `${scope.namespace}/${key}`;
}

/**
 * Where an artifact lies in the store of the bus; undefined when its location holds no key.
 * @throws ArgosyError UNIMPLEMENTED for a location in a store that is not the bus's.
 */
export function artifactObjectName(artifact: Artifact, namespace: string): string | undefined {
  const key = keyOf(artifact);
  return key === undefined ? undefined : objectName({ namespace }, key);
}

/** Argo's default key: workflow, pod, and the artifact's name with the ending of its archive. */
function defaultKey(artifact: Artifact, scope: ArtifactScope): string {
  const { archive } = artifact;
  const ending = archive?.none !== undefined ? '' : archive?.zip !== undefined ? '.zip' : '.tgz';
  return `${scope.workflow}/${scope.podName}/${artifact.name}${ending}`;
}
