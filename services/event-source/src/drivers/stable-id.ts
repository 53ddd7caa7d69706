import { createHash } from 'node:crypto';
import type { DriverContext } from './driver.ts';

/**
 * An event id that is the same for the same parts of the same event of an event source.
 * @param parts what the origin calls the thing, such as a queue and a message's number
 */
export function stableId(
  context: Pick<DriverContext, 'namespace' | 'eventSource' | 'eventName'>,
  ...parts: readonly (string | number)[]
): string {
  const { namespace, eventSource, eventName } = context;
  const text = JSON.stringify([namespace, eventSource, eventName, ...parts]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
