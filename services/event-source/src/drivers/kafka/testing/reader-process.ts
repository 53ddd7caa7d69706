// A Kafka source as a process of its own, for tests that kill it (-9): it writes the id of each event that it
// stores as a line of a file. Arguments: the settings as JSON, the file.
import { appendFile } from 'node:fs/promises';
import { driverRecorder } from '../../../testing/driver-recorder.ts';
import { createKafkaDriver } from '../driver.ts';

const [settings = '{}', file = ''] = process.argv.slice(2);
const { context } = driverRecorder();
await createKafkaDriver().start(JSON.parse(settings), {
  ...context,
  async emit(event) {
    await appendFile(file, `${event.id ?? ''}\n`);
    return { kind: 'Stored', duplicate: false };
  },
});
