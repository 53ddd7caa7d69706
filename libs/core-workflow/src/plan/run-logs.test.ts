// Covers which leaves are told to keep their logs. Leaves out the keeping, which executors do.
import { expect, it } from 'vitest';
import { leafOf, play, workflowOf } from '../testing/fixtures.ts';

const archived = (main: Parameters<typeof leafOf>[2], archiveLogs?: boolean): unknown => {
  const spec = archiveLogs === undefined ? {} : { archiveLogs };
  const { tasks } = play(workflowOf([leafOf('main', [], main)], spec));
  return tasks[0]?.template.archiveLocation;
};

it('archiveLogs of the spec holds for all templates with a container', () => {
  expect(archived({}, true)).toEqual({ archiveLogs: true });
  expect(archived({}, false)).toEqual({ archiveLogs: false });
  expect(archived({})).toBeUndefined();
});

it('archiveLogs of a template wins over that of the spec, and its location stays', () => {
  const archiveLocation = { archiveLogs: false, s3: { key: 'logs' } };
  expect(archived({ archiveLocation }, true)).toEqual(archiveLocation);
  const place = { s3: { key: 'logs' } };
  expect(archived({ archiveLocation: place }, true)).toEqual({ ...place, archiveLogs: true });
});
