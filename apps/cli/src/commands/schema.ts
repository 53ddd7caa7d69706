import {
  formatJsonSchema,
  isSchemaKind,
  manifestJsonSchema,
  anyManifestJsonSchema,
} from '@argosy/model';
import { SIMULATION_SCHEMA } from '../simulation/schema.ts';
import { EXIT, type CommandContext } from './context.ts';

/** What `argosy simulate` reads; no kind of manifest, but edited like one. */
export const SIMULATION_KIND = 'Simulation';

/** `argosy schema [KIND]`: a JSON Schema for editors; without a kind one for all of them. */
export function schemaCommand(context: CommandContext, kind: string | undefined): Promise<number> {
  if (kind === SIMULATION_KIND) {
    context.stdout.write(formatJsonSchema(SIMULATION_SCHEMA));
    return Promise.resolve(EXIT.ok);
  }
  const isKnown = kind !== undefined && isSchemaKind(kind);
  const schema = isKnown ? manifestJsonSchema(kind) : anyManifestJsonSchema();
  context.stdout.write(formatJsonSchema(schema));
  return Promise.resolve(EXIT.ok);
}
