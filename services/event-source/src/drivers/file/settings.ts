import type { FileOperation } from '@argosy/core-events';
import { parseOperation, parseWatchPathConfig, type WatchSettings } from '../directory/settings.ts';
import { flagField, isFields, metadataField } from '../http/settings.ts';

/** The settings of one file event, checked. */
export interface FileSettings {
  readonly watch: WatchSettings;
  readonly operation: FileOperation;
  readonly polling: boolean;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly problems: readonly string[];
}

/** Reads `spec.file.<event>`. */
export function parseFileSettings(value: unknown): FileSettings {
  const fields = isFields(value) ? value : {};
  const problems: string[] = isFields(value) ? [] : ['the settings must be a map'];
  const watch = parseWatchPathConfig(fields, problems);
  const operation = parseOperation(fields, 'eventType', problems);
  const polling = flagField(fields, 'polling', problems);
  const metadata = metadataField(fields, problems);
  if (!polling && watch.path !== '' && /[^/]$/.test(watch.directory)) {
    const sentence = 'must end in a slash; without one no file of it has exactly this path';
    problems.push(`watchPathConfig.directory ${sentence}`);
  }
  return { watch, operation, polling, metadata, problems };
}
