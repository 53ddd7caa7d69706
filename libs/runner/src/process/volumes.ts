import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ArgosyError } from '@argosy/base';
import type { KeyToPath, Volume, VolumeMount } from '@argosy/model';
import type { KeyedBytes, ResourceLookup } from '../types.ts';
import { absolutePath, isWithin } from './host-paths.ts';
import type { RootVolume } from './task-root.ts';

export interface VolumeContext {
  readonly namespace: string;
  readonly uid: string;
  /** The task's directory; volumes that live as long as the task lie in it. */
  readonly taskDirectory: string;
  /** Directory of the volumes that outlive tasks: claims, by run. */
  readonly claimsDirectory: string;
  readonly resources: ResourceLookup;
}

/** Host directories of a task's volumes by name. */
export type VolumeDirectories = ReadonlyMap<string, string>;

/**
 * Makes the volumes that a template's containers mount: emptyDir, hostPath, configMap, secret and claims.
 * @throws ArgosyError naming the volume when its kind or its source is not there.
 */
export async function makeVolumes(
  volumes: readonly Volume[],
  context: VolumeContext,
): Promise<VolumeDirectories> {
  const directories = new Map<string, string>();
  for (const volume of volumes) {
    directories.set(volume.name, await makeVolume(volume, context));
  }
  return directories;
}

async function makeVolume(volume: Volume, context: VolumeContext): Promise<string> {
  const own = join(context.taskDirectory, 'volumes', encodeURIComponent(volume.name));
  if (volume.hostPath !== undefined) return hostDirectory(volume);
  if (volume.persistentVolumeClaim !== undefined) {
    const claim = encodeURIComponent(volume.persistentVolumeClaim.claimName);
    return makeDirectory(
      join(context.claimsDirectory, encodeURIComponent(context.namespace), claim),
    );
  }
  makeDirectory(own);
  if (volume.configMap !== undefined) {
    const { name = '', items, optional } = volume.configMap;
    const data = await context.resources.configMap(context.namespace, name);
    return fill(own, { volume: volume.name, kind: 'ConfigMap', name, data, items, optional });
  }
  if (volume.secret !== undefined) {
    const { secretName: name = '', items, optional } = volume.secret;
    const data = await context.resources.secret(context.namespace, name);
    return fill(own, { volume: volume.name, kind: 'Secret', name, data, items, optional });
  }
  if (volume.emptyDir !== undefined) return own;
  const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'nothing';
  throw new ArgosyError(
    'UNIMPLEMENTED',
    `volume "${volume.name}": ${kind} is not available to host processes; ` +
      'use emptyDir, hostPath, configMap, secret or persistentVolumeClaim',
  );
}

function hostDirectory(volume: Volume): string {
  const path = absolutePath(volume.hostPath?.path ?? '/');
  if ((volume.hostPath?.type ?? '').endsWith('OrCreate')) makeDirectory(path);
  if (!existsSync(path)) {
    throw new ArgosyError(
      'NOT_FOUND',
      `volume "${volume.name}": ${path} does not exist on this host`,
    );
  }
  return path;
}

interface FillOptions {
  readonly volume: string;
  readonly kind: string;
  readonly name: string;
  readonly data: KeyedBytes | undefined;
  readonly items: readonly KeyToPath[] | undefined;
  readonly optional: boolean | undefined;
}

function fill(directory: string, options: FillOptions): string {
  const { data, kind, name } = options;
  if (data === undefined) {
    if (options.optional === true) return directory;
    throw new ArgosyError('NOT_FOUND', `volume "${options.volume}": there is no ${kind} "${name}"`);
  }
  const items = options.items ?? Object.keys(data).map((key) => ({ key, path: key }));
  for (const item of items) {
    const bytes = data[item.key];
    if (bytes === undefined && options.optional === true) continue;
    if (bytes === undefined) {
      throw new ArgosyError(
        'NOT_FOUND',
        `volume "${options.volume}": no key "${item.key}" in "${name}"`,
      );
    }
    const file = join(directory, absolutePath(item.path));
    makeDirectory(dirname(file));
    writeFileSync(file, bytes, { mode: 0o600 });
  }
  return directory;
}

function makeDirectory(path: string): string {
  mkdirSync(path, { recursive: true });
  return path;
}

/**
 * The volumes as one container mounts them.
 * @throws ArgosyError INVALID_ARGUMENT for a mount of a volume that the template does not declare.
 */
export function mountedVolumes(
  mounts: readonly VolumeMount[],
  directories: VolumeDirectories,
): readonly RootVolume[] {
  return mounts.map((mount) => {
    const directory = directories.get(mount.name);
    if (directory === undefined) {
      throw new ArgosyError('INVALID_ARGUMENT', `volumeMounts: no volume is named "${mount.name}"`);
    }
    const hostPath = join(directory, absolutePath(mount.subPath ?? ''));
    if (!isWithin(hostPath, directory)) {
      throw new ArgosyError('INVALID_ARGUMENT', `volumeMounts: bad subPath "${mount.subPath}"`);
    }
    if (!existsSync(hostPath)) makeDirectory(hostPath);
    return {
      hostPath: hostPath.replace(/(.)\/$/, '$1'),
      mountPath: absolutePath(mount.mountPath),
      readOnly: mount.readOnly === true,
    };
  });
}
