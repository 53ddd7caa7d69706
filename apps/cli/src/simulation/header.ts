import type { RunHeader } from '@argosy/core-workflow';
import { headerOf } from '@argosy/core-workflow/simulation';
import {
  applySubmitOptions,
  createTemplateLookup,
  generateName,
  locateProblems,
  resolveWorkflowSpec,
  validateManifest,
  validateParsed,
  type ConfigMap,
  type Problem,
  type TemplateLookup,
  type Workflow,
} from '@argosy/model';
import type { Setting, ValueMap } from './format.ts';
import { chooseSubject, type Manifests } from './manifests.ts';
import { refusal } from './read.ts';
import { textsOf } from './texts.ts';

/** Instant at which a run is submitted that does not say when: the same every time. */
const START_DEFAULT = '2030-01-01T00:00:00Z';

/** What takes the place of the random part of a generated name. */
const NAME_SUFFIX = 'sim';

/** A run that may begin, and what is doubtful about it. */
export interface PreparedRun {
  readonly header: RunHeader;
  /** What references of the run's namespace lead to. */
  readonly lookup: Required<TemplateLookup>;
  readonly warnings: readonly Problem[];
}

/**
 * Does what a submission does: arguments, validation, references, effective spec.
 * @throws ArgosyError INVALID_ARGUMENT with one line (file:line:column: message (field)) per error.
 */
export function prepareRun(
  manifests: Manifests,
  setting: Setting,
  namespace: string | undefined,
): PreparedRun {
  const { workflow, parsed } = chooseSubject(manifests, { from: setting.from, namespace });
  const named = withName(workflow, setting.name);
  const asked = applySubmitOptions(named, { parameters: textsOf(setting.parameters) });
  const home = asked.metadata.namespace ?? '';
  const lookup = createTemplateLookup(
    [
      ...manifests.parsed.map(({ manifest }) => manifest),
      ...configMapsOf(setting.configMaps, home),
    ],
    home,
  );
  for (const other of manifests.parsed) {
    if (other.manifest.kind !== 'Workflow')
      refuseErrors(validateParsed(other, { lookup, lint: true }));
  }
  const problems = validateManifest(asked, { lookup });
  const located = parsed.manifest.kind === 'Workflow' ? locateProblems(problems, parsed) : problems;
  refuseErrors(located);
  const resolved = resolveWorkflowSpec(asked, lookup);
  if (!resolved.ok) throw refusal(locateProblems(resolved.error, parsed));
  const { spec, storedTemplates, configMaps, labels, annotations } = resolved.value;
  const createdAtMs = Date.parse(setting.start ?? START_DEFAULT);
  const header = headerOf(asked, {
    createdAtMs,
    spec,
    storedTemplates,
    configMaps,
    labels,
    annotations,
  });
  return { header, lookup, warnings: [...manifests.warnings, ...located] };
}

function refuseErrors(problems: readonly Problem[]): void {
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw refusal(errors);
}

function withName(workflow: Workflow, name: string | undefined): Workflow {
  const { metadata } = workflow;
  const generated = generateName(metadata.generateName ?? 'workflow-', NAME_SUFFIX);
  return { ...workflow, metadata: { ...metadata, name: name ?? metadata.name ?? generated } };
}

function configMapsOf(
  configMaps: Readonly<Record<string, ValueMap>> = {},
  namespace: string,
): readonly ConfigMap[] {
  return Object.entries(configMaps).map(([name, data]) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    data: textsOf(data),
  }));
}
