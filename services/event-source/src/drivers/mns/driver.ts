import { createClientDriver } from '../client-driver.ts';
import type { Driver } from '../driver.ts';
import { startPulling } from '../pulling.ts';
import { createMnsQueue } from './queue.ts';
import { parseMnsSettings } from './settings.ts';

/** Messages of a queue of Alibaba Cloud's message service, deleted there after they are stored. */
export function createMnsDriver(): Driver {
  return createClientDriver({
    kind: 'mns',
    runsOn: 'EveryReplica',
    parse: parseMnsSettings,
    start: (settings, context) =>
      Promise.resolve(startPulling(createMnsQueue(settings, context), context)),
  });
}
