// Covers how many lines refused requests get. Leaves out who calls it (hostile.test.ts).
import { createLogger, type Logger } from '@argosy/telemetry';
import { expect, test } from 'vitest';
import { createRefusalLog } from './refusals.ts';

function recordingLogger(): { readonly logger: Logger; readonly lines: [object, string][] } {
  const lines: [object, string][] = [];
  const silent = createLogger({ name: 'x', level: 'silent' });
  const logger = Object.assign(Object.create(silent) as Logger, {
    warn: (fields: object, message: string) => void lines.push([fields, message]),
  });
  return { logger, lines };
}

test('each refusal is one line, and texts of the sender are cut', () => {
  const { logger, lines } = recordingLogger();
  createRefusalLog(logger).note({ path: 'x'.repeat(1_000), status: 400, reason: 'why' });
  expect(lines).toEqual([
    [{ path: `${'x'.repeat(200)}…`, status: 400, reason: 'why' }, 'a request was refused'],
  ]);
});

test('what goes over the lines of a minute is told as a number in the next one', () => {
  const { logger, lines } = recordingLogger();
  let nowMs = 0;
  const log = createRefusalLog(logger, () => nowMs, 2);
  for (let count = 0; count < 5; count += 1) log.note({ status: 400, reason: String(count) });
  expect(lines.length).toBe(2);
  nowMs = 60_000;
  log.note({ status: 400, reason: 'later' });
  expect(lines.slice(2)).toEqual([
    [{ requests: 3 }, 'more requests were refused'],
    [{ status: 400, reason: 'later' }, 'a request was refused'],
  ]);
});
