import { ArgosyError } from '@argosy/base';
import { followDirectory } from '../directory/follow-directory.ts';
import type { Driver, DriverContext, RunningDriver } from '../driver.ts';
import { dataText } from '../http/event-data.ts';
import { localDirectory } from './local-directory.ts';
import { directoryNotices } from './notices.ts';
import { parseFileSettings, type FileSettings } from './settings.ts';

/** Between looks with `polling`, milliseconds. */
const POLL_MS = 1_000;
/** Between looks that nothing asks for, milliseconds: the operating system may lose what it has to tell. */
const RECHECK_MS = 30_000;

/** What happens to files of one directory of this machine. */
export function createFileDriver(): Driver {
  return {
    kind: 'file',
    runsOn: 'OneReplica',
    problems: (settings) => parseFileSettings(settings).problems,
    async start(settings, context) {
      const parsed = parseFileSettings(settings);
      if (parsed.problems.length > 0) {
        throw new ArgosyError('INVALID_ARGUMENT', parsed.problems.join('; '));
      }
      return startFile(parsed, context);
    },
  };
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
    dataOf: (change) =>
      dataText(
        { name: JSON.stringify(change.name), op: JSON.stringify(change.operation) },
        metadata,
      ),
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
