import { randomUUID } from 'node:crypto';
import { ArgosyError, timeText } from '@argosy/base';
import { summaryBeforeStart, type RunSummary } from '@argosy/core-workflow';
import type { ParsedManifest, Problem, Workflow } from '@argosy/model';
import type { Tracing } from '@argosy/telemetry';
import { omit } from '../objects.ts';
import type { Registry } from '../resources/registry.ts';
import { checkManifest } from './checks.ts';
import type { Commands, Sender } from './commands.ts';
import { readManifests, refuseProblems, withoutPlaces, type ManifestText } from './manifest.ts';
import { generatedName } from './names.ts';
import { withOverrides, type SubmitOverrides } from './overrides.ts';
import type { Reservations } from './reservation.ts';

/** What starting a run takes. */
export interface SubmitTools {
  readonly registry: Registry;
  readonly reservations: Reservations;
  readonly commands: Commands;
  readonly tracing: Tracing;
  readonly partitions: number;
  readonly namespaceDefault: string;
  /** How long a submission waits for its run to begin; without that it is accepted, too. */
  readonly submitTimeoutMs: number;
}

export interface SubmitRequest {
  /** One Workflow; or a manifest that was made here, and has no text. */
  readonly source: ManifestText | Workflow;
  /** Wins over the manifest's own; empty or absent: the manifest's, then the default. */
  readonly namespace?: string;
  readonly overrides?: SubmitOverrides;
  /** Everything is checked, nothing is started. */
  readonly dryRun?: boolean;
  readonly sender: Sender;
}

export interface Submitted {
  readonly workflow: Workflow;
  readonly summary: RunSummary;
  readonly warnings: readonly Problem[];
}

/** Tries of a random name until one is free. */
const NAME_TRIES_MAX = 5;

/**
 * Checks a manifest, takes its name and starts the run.
 * @throws ArgosyError INVALID_ARGUMENT with file, line and field; ALREADY_EXISTS; UNAVAILABLE.
 */
export async function submitWorkflow(
  tools: SubmitTools,
  request: SubmitRequest,
): Promise<Submitted> {
  const read = readWorkflow(request.source);
  const namespace = namespaceOf(request.namespace, read.parsed.manifest, tools.namespaceDefault);
  const asked = withOverrides(read.parsed.manifest, request.overrides ?? {});
  const placed = { ...asked, metadata: { ...asked.metadata, namespace } };
  const found = checkManifest(
    { ...read.parsed, manifest: placed },
    { lookup: tools.registry.lookup, config: tools.registry.config() },
  );
  const problems = read.isText ? found : withoutPlaces(found);
  refuseProblems(problems);
  const warnings = [...read.warnings, ...problems];
  if (request.dryRun === true) {
    const workflow = stamped(placed, randomUUID());
    return { workflow, summary: beforeStart(workflow, tools), warnings };
  }
  const taken = await takeName(tools, placed);
  await start(tools, taken, request.sender, warnings);
  return { ...taken, warnings };
}

interface Run {
  readonly workflow: Workflow;
  readonly summary: RunSummary;
}

function readWorkflow(source: SubmitRequest['source']): {
  readonly parsed: ParsedManifest<Workflow>;
  readonly warnings: readonly Problem[];
  readonly isText: boolean;
} {
  if ('kind' in source) {
    const parsed = { manifest: source, locate: () => ({ line: 1, column: 1 }) };
    return { parsed, warnings: [], isText: false };
  }
  const { manifests, warnings } = readManifests({ ...source, defaultKind: 'Workflow' });
  const [parsed] = manifests;
  if (manifests.length !== 1 || parsed?.manifest.kind !== 'Workflow') {
    const kinds = manifests.map((one) => one.manifest.kind).join(', ');
    const message = `Exactly one Workflow can be submitted at a time; the text holds: ${kinds}.`;
    throw new ArgosyError('INVALID_ARGUMENT', message);
  }
  const isText = source.file !== undefined;
  // A status that comes from outside says nothing about this run.
  const manifest = omit(parsed.manifest, 'status');
  return { parsed: { ...parsed, manifest }, warnings, isText };
}

function namespaceOf(given: string | undefined, workflow: Workflow, fallback: string): string {
  const own = workflow.metadata.namespace ?? '';
  const asked = given ?? '';
  if (asked !== '' && own !== '' && asked !== own) {
    const message = `The manifest's namespace "${own}" is not the one asked for, "${asked}".`;
    throw new ArgosyError('INVALID_ARGUMENT', message);
  }
  return asked || own || fallback;
}

/** Gives the run its name and uid; a generated name that is taken is drawn again. */
async function takeName(tools: SubmitTools, workflow: Workflow): Promise<Run> {
  for (let attempt = 1; ; attempt += 1) {
    const named = stamped(workflow, randomUUID());
    const summary = beforeStart(named, tools);
    try {
      await tools.reservations.take(summary);
      return { workflow: named, summary };
    } catch (error) {
      const isTaken = ArgosyError.fromUnknown(error).code === 'ALREADY_EXISTS';
      const isGenerated = (workflow.metadata.name ?? '') === '';
      if (!isTaken || !isGenerated || attempt >= NAME_TRIES_MAX) throw error;
    }
  }
}

function stamped(workflow: Workflow, uid: string): Workflow {
  const { metadata } = workflow;
  const name = metadata.name ?? generatedName(metadata.generateName ?? 'workflow-');
  return {
    ...workflow,
    metadata: {
      ...omit(metadata, 'resourceVersion', 'managedFields'),
      name,
      uid,
      creationTimestamp: timeText(Date.now()),
      generation: 1,
    },
  };
}

function beforeStart(workflow: Workflow, { partitions }: SubmitTools): RunSummary {
  return summaryBeforeStart(workflow, { atMs: Date.now(), partitions });
}

/** Hands the run to its owner; a run that the owner refuses gives its name back. */
async function start(
  tools: SubmitTools,
  run: Run,
  sender: Sender,
  warnings: Problem[],
): Promise<void> {
  const { uid, namespace, name } = run.summary;
  const span = tools.tracing.startSpan('gateway.submit', {
    parent: sender.traceparent,
    attributes: { 'workflow.name': name, 'workflow.namespace': namespace, 'workflow.uid': uid },
  });
  try {
    const isTaken = await tools.commands.submit(
      { uid, namespace, name },
      {
        workflowJson: JSON.stringify(run.workflow),
        sender: { ...sender, traceparent: span.traceparent },
        timeoutMs: tools.submitTimeoutMs,
      },
    );
    if (!isTaken) {
      const message = 'the run is accepted and stored, but no scheduler has taken it up yet';
      warnings.push({ message, path: '', severity: 'warning' });
    }
    span.end();
  } catch (error) {
    span.end(error);
    const { code } = ArgosyError.fromUnknown(error);
    // When it is not known whether the command was stored the name stays taken: a run may begin.
    if (code !== 'UNAVAILABLE' && code !== 'CANCELLED')
      await tools.reservations.giveBack(run.summary);
    throw error;
  }
}
