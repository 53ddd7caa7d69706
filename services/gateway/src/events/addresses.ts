/** The event bus that manifests mean when they name none. */
export const DEFAULT_EVENT_BUS = 'default';
