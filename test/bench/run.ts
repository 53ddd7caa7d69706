// The bench: `npm run bench -- [PART [TEXT]]` prints one table for each part; judges nothing. Without a
// part all are run. A text chooses the rows that contain it.
//   installation  what users wait for, beside what Argo takes for the same work on a like machine
//   events        the way of events: stored, through a sensor, until a task runs
//   restart       a scheduler that is started on 100,000 live nodes
//   core          the state machine of a run alone, without bus, storage and processes
import { availableParallelism, cpus } from 'node:os';
import { measureCore, measureLargest } from './core/index.ts';
import { measureEvents } from './events/index.ts';
import { measureInstallation } from './installation-table.ts';
import { measureRestart } from './restart.ts';
import { tableText, type Table } from './table.ts';

type Part = (wanted: string) => Promise<readonly Table[]>;

const parts: Readonly<Record<string, Part>> = {
  installation: async (wanted) => [await measureInstallation(wanted)],
  events: async (wanted) => [await measureEvents(wanted)],
  restart: async (wanted) => [await measureRestart(wanted)],
  core: async (wanted) => {
    const tables = [await measureCore(wanted)];
    if ('fan-out'.includes(wanted)) tables.push(await measureLargest());
    return tables;
  },
};

const [, , chosen, wanted = ''] = process.argv;
const names = chosen === undefined ? Object.keys(parts) : [chosen];
const tables: Table[] = [];
for (const name of names) {
  const part = parts[name];
  if (part === undefined) {
    process.stderr.write(`no part '${name}'; there are: ${Object.keys(parts).join(', ')}\n`);
    process.exit(2);
  }
  tables.push(...(await part(wanted)));
}
process.stdout.write(
  `\n${availableParallelism()} cores, ${cpus()[0]?.model ?? ''}, Node ${process.version}\n\n`,
);
process.stdout.write(tables.map(tableText).join('\n'));
