import { createClientDriver } from '../client-driver.ts';
import { fileEventData, followDirectory } from '../directory/follow-directory.ts';
import type { Driver, DriverContext, RunningDriver } from '../driver.ts';
import { localDirectory } from './local-directory.ts';
import { directoryNotices } from './notices.ts';
import { parseFileSettings, type FileSettings } from './settings.ts';

/** Between looks with `polling`, milliseconds. */
const POLL_MS = 1_000;
/** Between looks that nothing asks for, milliseconds: the operating system may lose what it has to tell. */
const RECHECK_MS = 30_000;

/** What happens to files of one directory of this machine. */
export function createFileDriver(): Driver {
  return createClientDriver({
    kind: 'file',
    runsOn: 'OneReplica',
    parse: parseFileSettings,
    start: (settings, context) => Promise.resolve(startFile(settings, context)),
  });
}

function startFile(settings: FileSettings, context: DriverContext): RunningDriver {
  const { watch, operation, polling, metadata } = settings;
  const notices = polling ? undefined : directoryNotices(watch.directory);
  const following = followDirectory({
    context,
    directory: localDirectory(watch.directory),
    origin: JSON.stringify(['file', watch.directory, watch.path, watch.pathRegexp]),
    isMeant: watch.isMeant,
    operations: new Set([operation]),
    dataOf: (change) => fileEventData(change, metadata),
    intervalMs: polling ? POLL_MS : RECHECK_MS,
    newFilesAreWritten: !polling,
    ...(notices === undefined
      ? {}
      : { stirred: notices.stirred, takeTouched: notices.takeTouched }),
  });
  return {
    health: () => following.health(),
    async stop() {
      await following.stop();
      notices?.close();
    },
  };
}
