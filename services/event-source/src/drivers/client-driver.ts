import { ArgosyError } from '@argosy/base';
import type { Driver, DriverContext, RunningDriver } from './driver.ts';
import { isFields, type Fields } from './http/settings.ts';

/** What makes a kind of source that goes and gets its things: its settings and how it starts. */
export interface ClientDriverOptions<Settings> {
  readonly kind: string;
  readonly runsOn: Driver['runsOn'];
  /** Reads the settings of one event; what is wrong goes to `problems`, as sentences. */
  readonly parse: (fields: Fields, problems: string[]) => Settings;
  /** Starts with settings that have no problems. */
  readonly start: (settings: Settings, context: DriverContext) => Promise<RunningDriver>;
}

/** A driver whose settings are read by one function, for the check and for the start. */
export function createClientDriver<Settings>(options: ClientDriverOptions<Settings>): Driver {
  const { kind, runsOn, parse, start } = options;
  const read = (value: unknown): { settings?: Settings; problems: readonly string[] } => {
    if (!isFields(value)) return { problems: ['the settings must be a map'] };
    const problems: string[] = [];
    return { settings: parse(value, problems), problems };
  };
  return {
    kind,
    runsOn,
    problems: (value) => read(value).problems,
    async start(value, context) {
      const { settings, problems } = read(value);
      if (settings === undefined || problems.length > 0) {
        throw new ArgosyError('INVALID_ARGUMENT', problems.join('; '));
      }
      return start(settings, context);
    },
  };
}
