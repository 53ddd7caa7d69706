import { readFile } from 'node:fs/promises';
import { ArgosyError } from '@argosy/base';
import { MANIFEST_LENGTH_MAX } from '@argosy/model';
import { parseAllDocuments } from 'yaml';
import type { CommandContext } from './context.ts';

/** A text of manifests and the name it has in messages. */
export interface ManifestText {
  readonly file: string;
  readonly text: string;
}

/**
 * Reads files, URLs (http, https) or standard input (`-`).
 * @throws ArgosyError INVALID_ARGUMENT that names the file.
 */
export async function readManifestTexts(
  context: CommandContext,
  files: readonly string[],
): Promise<readonly ManifestText[]> {
  return Promise.all(files.map((file) => readOne(context, file)));
}

async function readOne(context: CommandContext, file: string): Promise<ManifestText> {
  if (file === '-') return { file: '<stdin>', text: await readStream(context.stdin) };
  if (/^https?:\/\//.test(file)) return { file, text: await readUrl(file, context.signal) };
  try {
    return { file, text: await readFile(file, 'utf8') };
  } catch (cause) {
    const reason =
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new ArgosyError('INVALID_ARGUMENT', `${file} ${reason}`, { cause });
  }
}

async function readUrl(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal });
  if (!response.ok) {
    throw new ArgosyError('INVALID_ARGUMENT', `${url} answered ${response.status}`);
  }
  return response.text();
}

async function readStream(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: string[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(String(chunk));
    length += String(chunk).length;
    if (length > MANIFEST_LENGTH_MAX) {
      throw new ArgosyError('INVALID_ARGUMENT', 'standard input is too long for manifests');
    }
  }
  return chunks.join('');
}

/** A file's documents, told apart: runs to submit, and everything else to apply before. */
export interface SplitManifests {
  readonly workflows: readonly ManifestText[];
  readonly others: readonly ManifestText[];
}

/**
 * Splits texts by kind. A text with a single document is passed on as it is, so that the server's messages
 * name its lines; of several documents each keeps its place by leading blank lines.
 */
export function splitByKind(texts: readonly ManifestText[]): SplitManifests {
  const workflows: ManifestText[] = [];
  const others: ManifestText[] = [];
  for (const { file, text } of texts) {
    for (const document of documentsOf(text)) {
      (document.kind === 'Workflow' ? workflows : others).push({ file, text: document.text });
    }
  }
  return { workflows, others };
}

function documentsOf(text: string): readonly { readonly kind: string; readonly text: string }[] {
  const documents = parseAllDocuments(text, { logLevel: 'silent' });
  if (!Array.isArray(documents) || documents.length <= 1) {
    const document = Array.isArray(documents) ? documents[0] : undefined;
    return [{ kind: String(document?.get('kind') ?? 'Workflow'), text }];
  }
  return documents
    .filter((document) => document.contents !== null)
    .map((document) => {
      const startLine = text.slice(0, document.range[0]).split('\n').length - 1;
      const kind = String(document.get('kind') ?? '');
      const body = text.slice(document.range[0], document.range[1]);
      return { kind, text: '\n'.repeat(startLine) + body };
    });
}
