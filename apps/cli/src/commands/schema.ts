import {
  formatJsonSchema,
  isSchemaKind,
  manifestJsonSchema,
  anyManifestJsonSchema,
} from '@argosy/model';
import { EXIT, type CommandContext } from './context.ts';

/** `argosy schema [KIND]`: a JSON Schema for editors; without a kind one for all of them. */
export function schemaCommand(context: CommandContext, kind: string | undefined): Promise<number> {
  const isKnown = kind !== undefined && isSchemaKind(kind);
  const schema = isKnown ? manifestJsonSchema(kind) : anyManifestJsonSchema();
  context.stdout.write(formatJsonSchema(schema));
  return Promise.resolve(EXIT.ok);
}
