import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metrics } from '@argosy/telemetry';

const LABELS = ['version', 'goversion', 'goarch', 'commit'];
/** Argo Events' own, and the name that it would have with the prefix of all others. */
const NAMES = ['build_info', 'argo_events_build_info'];

/**
 * Sets the metric that tells what runs: always 1, with the version as a label. The labels are those of Argo Events, so
 * that its dashboards find them; what is Go's there is Node's here, and of a commit nothing is known.
 */
export function announceBuild(metrics: Metrics): void {
  const file = join(import.meta.dirname, '..', 'package.json');
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string };
  const labels = {
    version,
    goversion: `node ${process.version}`,
    goarch: process.arch,
    commit: '',
  };
  for (const name of NAMES) {
    const help = 'Always 1; the labels tell which version runs';
    metrics.instrument({ kind: 'gauge', name, help, labels: LABELS }).set(1, labels);
  }
}
