import { err, ok, type Result } from '@argosy/base';
import { parse } from 'yaml';

/** Longest YAML that is converted, in UTF-16 units: a parser that keeps to all of YAML takes its time. */
export const YAML_UNITS_MAX = 1_048_576;

/**
 * One YAML value as JSON text, as for events whose content type is YAML.
 * @returns the parser's sentence for text that is no YAML, has too many aliases or is too long.
 */
export function yamlToJson(text: string): Result<string, string> {
  if (text.length > YAML_UNITS_MAX) {
    return err(`YAML of more than ${YAML_UNITS_MAX} characters is not converted; send JSON`);
  }
  try {
    return ok(JSON.stringify(parse(text) ?? null));
  } catch (thrown) {
    return err(thrown instanceof Error ? thrown.message : String(thrown));
  }
}
