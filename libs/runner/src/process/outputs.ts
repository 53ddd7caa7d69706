import { readFile, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { ArgosyError } from '@argosy/base';
import type { Artifact, Parameter } from '@argosy/model';
import { PARAMETER_BYTES_MAX } from '../limits.ts';
import type { ArtifactAccess, ArtifactScope } from '../types.ts';
import { withoutFinalNewline } from './output-tail.ts';
import type { TaskRoot } from './task-root.ts';

/**
 * Reads the declared output parameters: the file less one final newline, else the default.
 * @throws ArgosyError NOT_FOUND for a file that is missing without a default, RESOURCE_EXHAUSTED for one that is
 * too large.
 */
export async function readParameters(
  parameters: readonly Parameter[],
  root: TaskRoot,
): Promise<Readonly<Record<string, string>>> {
  const values: Record<string, string> = {};
  for (const parameter of parameters) {
    const path = parameter.valueFrom?.path;
    if (path === undefined) continue;
    const text = await readText(root.findOf(path)).catch((thrown: unknown) => {
      const error = ArgosyError.fromUnknown(thrown);
      const message = `output parameter "${parameter.name}": ${error.message}`;
      throw new ArgosyError(error.code, message, { cause: error });
    });
    const value = text ?? parameter.valueFrom?.default ?? parameter.default;
    if (value === undefined) {
      throw new ArgosyError(
        'NOT_FOUND',
        `output parameter "${parameter.name}": the file ${path} does not exist, and there is no default`,
      );
    }
    values[parameter.name] = value;
  }
  return values;
}

/** A file as text without one final newline; undefined when there is no such file. */
async function readText(place: string): Promise<string | undefined> {
  if (!existsSync(place)) return undefined;
  const found = await stat(place);
  if (!found.isFile()) return undefined;
  if (found.size > PARAMETER_BYTES_MAX) {
    throw new ArgosyError(
      'RESOURCE_EXHAUSTED',
      `the file has ${found.size} bytes, and a parameter at most ${PARAMETER_BYTES_MAX}; ` +
        'use an output artifact',
    );
  }
  return withoutFinalNewline(await readFile(place, 'utf8'));
}

/**
 * Stores the declared output artifacts and returns them with their places.
 * @throws ArgosyError NOT_FOUND for a path that is missing and not optional.
 */
export async function saveArtifacts(
  artifacts: readonly Artifact[],
  root: TaskRoot,
  access: { readonly artifacts: ArtifactAccess; readonly scope: ArtifactScope },
): Promise<readonly Artifact[]> {
  const saved: Artifact[] = [];
  for (const artifact of artifacts) {
    if (artifact.path === undefined) continue;
    const place = root.findOf(artifact.path);
    if (!existsSync(place)) {
      if (artifact.optional === true) continue;
      throw new ArgosyError(
        'NOT_FOUND',
        `output artifact "${artifact.name}": the path ${artifact.path} does not exist`,
      );
    }
    try {
      saved.push(await access.artifacts.save(artifact, place, access.scope));
    } catch (thrown) {
      const error = ArgosyError.fromUnknown(thrown);
      const message = `output artifact "${artifact.name}": ${error.message}`;
      throw new ArgosyError(error.code, message, { cause: error });
    }
  }
  return saved;
}
