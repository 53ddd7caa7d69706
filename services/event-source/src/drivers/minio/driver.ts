import { createArrivals } from '../arrivals.ts';
import { createClientDriver } from '../client-driver.ts';
import type { Driver } from '../driver.ts';
import { keepConnected } from '../lasting-connection.ts';
import { createTrouble } from '../trouble.ts';
import { listenToBucket } from './listening.ts';
import { minioEvent } from './notification.ts';
import { parseMinioSettings } from './settings.ts';

/**
 * Changes of objects in a bucket, by the notifications that MinIO sends to those who listen. What happens
 * while nobody listens is not told by the server.
 */
export function createMinioDriver(): Driver {
  return createClientDriver({
    kind: 'minio',
    runsOn: 'OneReplica',
    parse: parseMinioSettings,
    async start(settings, context) {
      const trouble = createTrouble(context);
      const arrivals = createArrivals({ context, trouble });
      const take = (line: string): void => {
        const event = minioEvent(line, settings.metadata, context);
        if (event !== undefined) arrivals.push(event);
      };
      const name = `the bucket ${settings.bucket} at ${settings.endpoint}`;
      const connection = await keepConnected({
        name,
        trouble,
        open: (signal) => listenToBucket(settings, { context, take, signal }),
      });
      return {
        health: () => connection.health(),
        async stop() {
          await connection.stop();
          await arrivals.finish();
        },
      };
    },
  });
}
