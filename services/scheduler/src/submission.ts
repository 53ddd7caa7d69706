import type { Submit } from '@argosy/api';
import { err, ok, type Refusal, type Result } from '@argosy/base';
import type { Bus } from '@argosy/bus';
import { renderWorkflow, summarize, type RunHeader, type State } from '@argosy/core-workflow';
import {
  formatProblem,
  hasErrors,
  parseManifests,
  resolveWorkflowSpec,
  validateWorkflow,
  type Problem,
  type TemplateLookup,
  type Workflow,
} from '@argosy/model';
import { fetchReferencedTemplates } from '@argosy/shell';
import type { Span, Tracing } from '@argosy/telemetry';
import type { Summaries } from './summaries.ts';

/** Turns a submitted manifest into the header of a run. */
export interface Submission {
  /**
   * Reads and validates the manifest, fetches what it refers to and takes the name.
   * A manifest that is not valid is refused with InvalidArgument, a name in use with AlreadyExists.
   */
  accept(submit: Submit, createdAtMs: number): Promise<Result<RunHeader, Refusal>>;
  /** Begins the span of the run; gives the trace context that its tasks continue. */
  beginTrace(submit: Submit, parent: string | undefined): string;
  endTrace(state: State): void;
}

export function createSubmission(tools: {
  readonly bus: Bus;
  readonly summaries: Summaries;
  readonly tracing: Tracing;
}): Submission {
  const spans = new Map<string, Span>();
  return {
    async accept(submit, createdAtMs) {
      const parsed = readWorkflow(submit);
      if (!parsed.ok) return parsed;
      const lookup = await fetchReferencedTemplates(tools.bus, parsed.value);
      const header = headerOf(submit, parsed.value, { lookup, createdAtMs });
      if (!header.ok) return header;
      const outcome = await tools.summaries.reserve(submit);
      if (outcome !== 'NameTaken') return header;
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
  };
}

function readWorkflow(submit: Submit): Result<Workflow, Refusal> {
  const parsed = parseManifests(submit.workflowJson, { defaultKind: 'Workflow' });
  if (hasErrors(parsed.problems)) return refuse(parsed.problems);
  const manifest = parsed.manifests[0]?.manifest;
  if (parsed.manifests.length !== 1 || manifest?.kind !== 'Workflow') {
    return err({ code: 'InvalidArgument', message: 'exactly one Workflow is to be submitted' });
  }
  const { uid, name, namespace } = submit;
  return ok({ ...manifest, metadata: { ...manifest.metadata, uid, name, namespace } });
}

function headerOf(
  submit: Submit,
  manifest: Workflow,
  context: { readonly lookup: TemplateLookup; readonly createdAtMs: number },
): Result<RunHeader, Refusal> {
  const resolved = resolveWorkflowSpec(manifest, context.lookup);
  if (!resolved.ok) return refuse(resolved.error);
  const problems = validateWorkflow(manifest, { lookup: context.lookup });
  if (hasErrors(problems)) return refuse(problems);
  const { spec, storedTemplates, configMaps, labels, annotations } = resolved.value;
  return ok({
    uid: submit.uid,
    name: submit.name,
    namespace: submit.namespace,
    createdAtMs: context.createdAtMs,
    labels,
    annotations,
    manifest,
    spec,
    storedTemplates,
    configMaps,
    ...(submit.creator === undefined ? {} : { creator: submit.creator }),
  });
}

/** Argo's wording: the reader of the workflow's message knows that nothing was run. */
function refuse(problems: readonly Problem[]): Result<never, Refusal> {
  const errors = problems.filter((problem) => problem.severity === 'error');
  const message = errors.map((problem) => formatProblem(problem)).join('; ');
  return err({ code: 'InvalidArgument', message: `invalid spec: ${message}` });
}

/** The run as Argo's object, for whoever asks the owner directly. */
export function workflowJson(state: State): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(renderWorkflow(state)));
}
