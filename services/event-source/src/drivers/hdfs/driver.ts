import { createClientDriver } from '../client-driver.ts';
import { fileEventData, followDirectory } from '../directory/follow-directory.ts';
import type { Driver } from '../driver.ts';
import { webDirectory } from './web-directory.ts';
import { parseHdfsSettings } from './settings.ts';

/** What happens to files of a directory in HDFS and of those below it. */
export function createHdfsDriver(): Driver {
  return createClientDriver({
    kind: 'hdfs',
    runsOn: 'OneReplica',
    parse: parseHdfsSettings,
    start(settings, context) {
      const { watch, operations, intervalMs, metadata, addresses } = settings;
      const driver = followDirectory({
        context,
        directory: webDirectory(settings),
        origin: JSON.stringify(['hdfs', addresses, watch]),
        isMeant: watch.isMeant,
        operations,
        dataOf: (change) => fileEventData(change, metadata),
        intervalMs,
        newFilesAreWritten: !operations.has('CREATE'),
      });
      return Promise.resolve(driver);
    },
  });
}
