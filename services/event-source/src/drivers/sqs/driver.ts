import { createClientDriver } from '../client-driver.ts';
import type { Driver } from '../driver.ts';
import { startPulling } from '../pulling.ts';
import { createSqsQueue } from './queue.ts';
import { parseSqsSettings } from './settings.ts';

/** Messages of one queue of Amazon SQS, deleted there after they are stored. Replicas share the queue. */
export function createSqsDriver(): Driver {
  return createClientDriver({
    kind: 'sqs',
    runsOn: 'EveryReplica',
    parse: parseSqsSettings,
    start: async (settings, context) =>
      startPulling(await createSqsQueue(settings, context), context),
  });
}
