import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArgosyError } from '@argosy/base';
import type { ImageMap } from '@argosy/runner';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node } from 'yaml';
import type { Home } from './home.ts';

export const IMAGES_FILE = 'images.yaml';

const FIELDS = ['entrypoint', 'cmd'] as const;

/**
 * What images start, from `images.yaml` in the home: `NAME: {entrypoint: [...], cmd: [...]}`, as in the
 * `images` of Argo's controller configuration. Empty when there is no such file.
 * @throws ArgosyError INVALID_ARGUMENT with file and line.
 */
export function readImagesFile(home: Home): ImageMap {
  const file = join(home.directory, IMAGES_FILE);
  if (!existsSync(file)) return {};
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines });
  const refuse = (offset: number | undefined, problem: string): ArgosyError => {
    const { line } = lines.linePos(offset ?? 0);
    return new ArgosyError('INVALID_ARGUMENT', `${file}:${line}: ${problem}`);
  };
  const [broken] = document.errors;
  if (broken !== undefined) throw refuse(broken.pos[0], broken.message.split('\n')[0] ?? '');
  if (document.contents === null) return {};
  if (!isMap<Node, Node>(document.contents)) {
    throw refuse(0, 'it has to be a map from images to {entrypoint: [...], cmd: [...]}');
  }
  const images: Record<string, ImageMap[string]> = {};
  for (const { key, value } of document.contents.items) {
    const at = key.range?.[0];
    const name = String(isScalar(key) ? key.value : key);
    if (!isMap<Node, Node>(value))
      throw refuse(at, `${name}: it takes {entrypoint: [...], cmd: [...]}`);
    const unknown = value.items.find(
      ({ key: field }) => !FIELDS.some((known) => known === String(field)),
    );
    if (unknown !== undefined) {
      throw refuse(
        unknown.key.range?.[0],
        `${name}.${String(unknown.key)}: there are only ${FIELDS.join(', ')}`,
      );
    }
    const words = (field: string): readonly string[] => {
      const node = value.get(field, true);
      if (node === undefined) return [];
      if (isSeq(node)) return (node.toJSON() as unknown[]).map(String);
      throw refuse(at, `${name}.${field}: it takes a list of words`);
    };
    images[name] = { entrypoint: words('entrypoint'), cmd: words('cmd') };
  }
  return images;
}
