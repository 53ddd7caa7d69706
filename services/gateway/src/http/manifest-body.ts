import { ArgosyError } from '@argosy/base';
import type { ManifestKind } from '@argosy/model';
import type { FastifyRequest } from 'fastify';
import type { ManifestText } from '../submission/manifest.ts';
import { fieldsOf } from './request-values.ts';

/** Name of a YAML body in messages. */
const BODY_FILE = 'body';

/**
 * The manifest of a request: the whole body when it is YAML, else the JSON under one of the fields
 * (as Argo's clients send it), else the JSON body itself when it is a manifest.
 * @throws ArgosyError INVALID_ARGUMENT
 */
export function manifestOfBody(
  request: FastifyRequest,
  names: readonly string[],
  defaultKind: ManifestKind,
): ManifestText {
  if (typeof request.body === 'string') {
    return { text: request.body, file: BODY_FILE, defaultKind };
  }
  const body = fieldsOf(request.body);
  const name = names.find((candidate) => body[candidate] !== undefined);
  const manifest = name === undefined ? body : body[name];
  if (name === undefined && body['kind'] === undefined) {
    const message = `The field "${names[0] ?? ''}" with the manifest is missing in the body.`;
    throw new ArgosyError('INVALID_ARGUMENT', message);
  }
  return { text: JSON.stringify(fieldsOf(manifest, `The field "${name ?? ''}"`)), defaultKind };
}
