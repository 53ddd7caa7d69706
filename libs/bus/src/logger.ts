/** What the bus needs of a logger; pino's is one. */
export interface BusLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export const SILENT_LOGGER: BusLogger = {
  info: () => undefined,
  warn: () => undefined,
};
