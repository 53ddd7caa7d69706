import type { FileOperation } from '@argosy/core-events';
import { createClientDriver } from '../client-driver.ts';
import { fileEventData, followDirectory } from '../directory/follow-directory.ts';
import type { Driver, DriverContext, RunningDriver } from '../driver.ts';
import { remoteDirectory } from './remote-directory.ts';
import { parseSftpSettings, type SftpSettings } from './settings.ts';

/** What happens to files of one directory at an SFTP server. */
export function createSftpDriver(): Driver {
  return createClientDriver({
    kind: 'sftp',
    runsOn: 'OneReplica',
    parse: parseSftpSettings,
    start: (settings, context) => Promise.resolve(startSftp(settings, context)),
  });
}

function startSftp(settings: SftpSettings, context: DriverContext): RunningDriver {
  const { watch, operation, intervalMs, metadata, address, username } = settings;
  // Argo Events tells a file that has changed as one that is new.
  const operations: readonly FileOperation[] =
    operation === 'CREATE' ? ['CREATE', 'WRITE'] : [operation];
  return followDirectory({
    context,
    directory: remoteDirectory(settings, context),
    origin: JSON.stringify(['sftp', address, username, watch]),
    isMeant: watch.isMeant,
    operations: new Set(operations),
    dataOf: ({ name }) => fileEventData({ name, operation }, metadata),
    intervalMs,
  });
}
