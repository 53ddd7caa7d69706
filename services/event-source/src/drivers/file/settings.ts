import type { FileOperation } from '@argosy/core-events';
import {
  parseOperation,
  parseWatchPathConfig,
  requireTrailingSlash,
  type WatchSettings,
} from '../directory/settings.ts';
import { flagField, metadataField, type Fields } from '../http/settings.ts';

/** The settings of one file event, checked. */
export interface FileSettings {
  readonly watch: WatchSettings;
  readonly operation: FileOperation;
  readonly polling: boolean;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

/** Reads `spec.file.<event>`. */
export function parseFileSettings(fields: Fields, problems: string[]): FileSettings {
  const watch = parseWatchPathConfig(fields, problems);
  const operation = parseOperation(fields, 'eventType', problems);
  const polling = flagField(fields, 'polling', problems);
  const metadata = metadataField(fields, problems);
  if (!polling) requireTrailingSlash(watch, 'watchPathConfig.directory', problems);
  return { watch, operation, polling, metadata };
}
