import { ArgosyError, innermostReason } from '@argosy/base';
import { createClientDriver } from '../client-driver.ts';
import type { Driver } from '../driver.ts';
import { isFields } from '../http/settings.ts';
import { keepConnected } from '../lasting-connection.ts';
import { createTrouble } from '../trouble.ts';
import { openGroup } from './group.ts';
import { createPacer } from './pacer.ts';
import { openPartition } from './partition.ts';
import { parseKafkaSettings } from './settings.ts';

const PARTITIONS_CHECK_MS = 30_000;

/**
 * Records of a Kafka topic, through a consumer group that all replicas share or from one partition that
 * one replica reads. An offset moves on only after the event is stored.
 * @param partitionsCheckMs how often the topic of a group is looked at for new partitions
 */
export function createKafkaDriver(partitionsCheckMs = PARTITIONS_CHECK_MS): Driver {
  return createClientDriver({
    kind: 'kafka',
    runsOn(value) {
      const { reading } = parseKafkaSettings(isFields(value) ? value : {}, []);
      return reading.kind === 'Group' ? 'EveryReplica' : 'OneReplica';
    },
    parse: parseKafkaSettings,
    start(settings, context) {
      const trouble = createTrouble(context);
      const pacer = createPacer(settings.eventsPerSecondMax);
      const source = { settings, context, trouble, pacer, partitionsCheckMs };
      const { brokers, reading, topic, waits } = settings;
      return keepConnected({
        name: `topic ${topic} at ${brokers.join(', ')}`,
        async open() {
          try {
            return reading.kind === 'Group'
              ? await openGroup(source, reading)
              : await openPartition(source, reading.partition);
          } catch (error) {
            throw new ArgosyError('UNAVAILABLE', innermostReason(error), { cause: error });
          }
        },
        trouble,
        waits,
      });
    },
  });
}
