import type { Submit } from '@argosy/api';
import { err, ok, type Refusal, type Result } from '@argosy/base';
import type { Bus } from '@argosy/bus';
import { renderWorkflow, summarize, type RunHeader, type State } from '@argosy/core-workflow';
import {
  applyWorkflowDefaults,
  formatProblem,
  hasErrors,
  parseManifests,
  resolveWorkflowSpec,
  restrictionProblems,
  validateWorkflow,
  type ControllerConfig,
  type Problem,
  type TemplateLookup,
  type Workflow,
} from '@argosy/model';
import { fetchReferencedTemplates } from '@argosy/shell';
import type { Span, Tracing } from '@argosy/telemetry';
import type { Durations } from './durations.ts';
import { slotsOf } from './locks/lock-limits.ts';
import type { Summaries } from './summaries.ts';

/** Turns a submitted manifest into the header of a run. */
export interface Submission {
  /**
   * Reads and validates the manifest, fetches what it refers to and takes the name.
   * A manifest that is not valid is refused with InvalidArgument when its sender is there to hear it; otherwise it
   * becomes a run that has failed already and says why. A name in use is refused with AlreadyExists.
   */
  accept(submit: Submit, sent: Sent): Promise<Result<RunHeader, Refusal>>;
  /** Begins the span of the run; gives the trace context that its tasks continue. */
  beginTrace(submit: Submit, parent: string | undefined): string;
  endTrace(state: State): void;
  /** The spans of these runs are not ended here: another replica has the runs, or they are gone. */
  forgetWhere(isMeant: (uid: string) => boolean): void;
}

/** How a manifest came. */
export interface Sent {
  readonly atMs: number;
  /** The sender waits for the answer. */
  readonly isAwaited: boolean;
}

/** Why a manifest cannot be run, and the phase that Argo gives it for that. */
type Rejection = NonNullable<RunHeader['rejection']>;

export function createSubmission(tools: {
  readonly bus: Bus;
  readonly summaries: Summaries;
  readonly tracing: Tracing;
  /** The installation's configuration as it is now. */
  readonly config: () => ControllerConfig;
  readonly durations: Durations;
}): Submission {
  const spans = new Map<string, Span>();
  return {
    async accept(submit, sent) {
      const header = await headerFrom(tools, submit, sent.atMs);
      if (header.rejection !== undefined && sent.isAwaited) {
        return err({ code: 'InvalidArgument', message: header.rejection.message });
      }
      const outcome = await tools.summaries.reserve(submit);
      if (outcome !== 'NameTaken') return ok(header);
      return err({
        code: 'AlreadyExists',
        message: `workflow "${submit.name}" exists already in namespace "${submit.namespace}"`,
      });
    },
    beginTrace(submit, parent) {
      const span = tools.tracing.startSpan('workflow', {
        parent,
        attributes: {
          'workflow.name': submit.name,
          'workflow.namespace': submit.namespace,
          'workflow.uid': submit.uid,
        },
      });
      spans.set(submit.uid, span);
      return span.traceparent;
    },
    endTrace(state) {
      const { uid, phase, message } = summarize(state);
      const span = spans.get(uid);
      if (span === undefined) return;
      spans.delete(uid);
      span.setAttribute('workflow.phase', phase);
      span.end(phase === 'Succeeded' ? undefined : message || phase);
    },
    forgetWhere(isMeant) {
      for (const uid of spans.keys()) if (isMeant(uid)) spans.delete(uid);
    },
  };
}

async function headerFrom(
  tools: {
    readonly bus: Bus;
    readonly config: () => ControllerConfig;
    readonly durations: Durations;
  },
  submit: Submit,
  createdAtMs: number,
): Promise<RunHeader> {
  const read = readWorkflow(submit);
  if (!read.ok) return rejectedHeader(submit, unreadable(submit), { createdAtMs, ...read.error });
  const config = tools.config();
  const manifest = applyWorkflowDefaults(read.value, config.workflowDefaults);
  const lookup = await fetchReferencedTemplates(tools.bus, manifest);
  const header = headerOf(submit, manifest, { lookup, createdAtMs, config });
  if (header.ok) {
    const estimatedDurationMs = await tools.durations.estimateMs(header.value);
    return {
      ...header.value,
      ...(estimatedDurationMs === undefined ? {} : { estimatedDurationMs }),
    };
  }
  return rejectedHeader(submit, read.value, { createdAtMs, ...header.error });
}

function readWorkflow(submit: Submit): Result<Workflow, Rejection> {
  const parsed = parseManifests(submit.workflowJson, { defaultKind: 'Workflow' });
  if (hasErrors(parsed.problems)) return err(rejectionOf(parsed.problems));
  const manifest = parsed.manifests[0]?.manifest;
  if (parsed.manifests.length !== 1 || manifest?.kind !== 'Workflow') {
    return err({ phase: 'Failed', message: 'exactly one Workflow is to be submitted' });
  }
  const { uid, name, namespace } = submit;
  return ok({ ...manifest, metadata: { ...manifest.metadata, uid, name, namespace } });
}

/** What is known of a workflow whose manifest cannot be read. */
function unreadable({ uid, name, namespace }: Submit): Workflow {
  const metadata = { uid, name, namespace };
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', metadata, spec: {} };
}

function headerOf(
  submit: Submit,
  manifest: Workflow,
  context: {
    readonly lookup: TemplateLookup;
    readonly createdAtMs: number;
    readonly config: ControllerConfig;
  },
): Result<RunHeader, Rejection> {
  const { lookup, config } = context;
  const refused = restrictionProblems(manifest, config.templateReferencing);
  if (hasErrors(refused)) return err(rejectionOf(refused));
  const defaults = config.workflowDefaults ?? {};
  const resolved = resolveWorkflowSpec(manifest, lookup, defaults);
  if (!resolved.ok) return err(rejectionOf(resolved.error));
  const problems = validateWorkflow(manifest, { lookup, defaults });
  if (hasErrors(problems)) return err(rejectionOf(problems));
  const { spec, storedTemplates, configMaps, labels, annotations } = resolved.value;
  const slots = slotsOf(config, submit.namespace);
  return ok({
    ...identityOf(submit),
    ...(slots.length === 0 ? {} : { slots }),
    createdAtMs: context.createdAtMs,
    labels,
    annotations,
    manifest,
    spec,
    storedTemplates,
    configMaps,
  });
}

/** A run that can be seen and has nothing to do: its spec is not looked at any more. */
function rejectedHeader(
  submit: Submit,
  manifest: Workflow,
  { createdAtMs, ...rejection }: Rejection & { readonly createdAtMs: number },
): RunHeader {
  const { labels = {}, annotations = {} } = manifest.metadata;
  const nothing = { spec: {}, storedTemplates: {} };
  return {
    ...identityOf(submit),
    createdAtMs,
    labels,
    annotations,
    manifest,
    ...nothing,
    rejection,
  };
}

function identityOf(
  submit: Submit,
): Pick<RunHeader, 'uid' | 'name' | 'namespace'> & Partial<Pick<RunHeader, 'creator'>> {
  const { uid, name, namespace, creator } = submit;
  return { uid, name, namespace, ...(creator === undefined ? {} : { creator }) };
}

/**
 * Argo's wording: the reader of the workflow's message knows that nothing was run. As with Argo the phase is Error
 * when the template that the whole workflow is made of is missing, and Failed for everything else.
 */
function rejectionOf(problems: readonly Problem[]): Rejection {
  const errors = problems.filter((problem) => problem.severity === 'error');
  const message = errors.map((problem) => formatProblem(problem)).join('; ');
  const lacksTemplate = errors.some(({ path }) => path.startsWith('spec.workflowTemplateRef'));
  return { phase: lacksTemplate ? 'Error' : 'Failed', message: `invalid spec: ${message}` };
}

/** The run as Argo's object, for whoever asks the owner directly. */
export function workflowJson(state: State): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(renderWorkflow(state)));
}
