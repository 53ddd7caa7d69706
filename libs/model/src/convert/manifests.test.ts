// Covers rewriting of manifests of Argo 3. Leaves out validation of the result.
import { describe, expect, it } from 'vitest';
import { convertManifests, parseManifests } from '../index.ts';

const OLD = `# kept
apiVersion: argoproj.io/v1alpha1
kind: CronWorkflow
metadata: {name: c}
spec:
  schedule: "0 0 * * *" # daily
  workflowSpec:
    entrypoint: main
    synchronization:
      mutex: {name: m}
    templates:
    - name: main
      synchronization:
        semaphore:
          configMapKeyRef: {name: s, key: k}
      suspend: {}
`;

describe('convert', () => {
  const { text, problems } = convertManifests(OLD, { file: 'f' });

  it('makes lists of schedule, mutex and semaphore', () => {
    const { manifests, problems: left } = parseManifests(text, { strict: true });
    expect(left).toEqual([]);
    expect(manifests[0]?.manifest).toMatchObject({
      spec: {
        schedules: ['0 0 * * *'],
        workflowSpec: {
          synchronization: { mutexes: [{ name: 'm' }] },
          templates: [
            { synchronization: { semaphores: [{ configMapKeyRef: { name: 's', key: 'k' } }] } },
          ],
        },
      },
    });
  });

  it('keeps comments', () => {
    expect(text).toContain('# kept');
  });

  it('says what was changed, and where', () => {
    expect(problems.map(({ line, severity }) => [line, severity])).toEqual([
      [6, 'warning'],
      [10, 'warning'],
      [14, 'warning'],
    ]);
  });

  it('changes nothing in text of today', () => {
    expect(convertManifests(text)).toEqual({ text, problems: [] });
  });

  it('puts the old entry before those of a list that is there already', () => {
    const both = OLD.replace(
      'schedule: "0 0 * * *" # daily',
      'schedule: "@daily"\n  schedules: ["@hourly"]',
    );
    const { manifests } = parseManifests(convertManifests(both).text, { strict: true });
    expect(manifests[0]?.manifest).toMatchObject({ spec: { schedules: ['@daily', '@hourly'] } });
  });

  it('refuses text that is not YAML', () => {
    expect(convertManifests('a: [').problems[0]).toMatchObject({ severity: 'error' });
  });
});
