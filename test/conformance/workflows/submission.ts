import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  commandSubject,
  encodeCommand,
  EVENT_TYPES,
  PROTOBUF_CONTENT_TYPE,
  subjectToken,
} from '@argosy/api';
import { partitionOf } from '@argosy/base';
import { EMBEDDED_PARTITIONS } from '@argosy/cli';
import { CONTROLLER_CONFIG_MAP, parseManifests } from '@argosy/model';
import { eventually } from '@argosy/testkit';
import { parseAllDocuments } from 'yaml';
import type { WorkflowCase } from './case.ts';
import { finished, get, type Line } from './line.ts';

const encoder = new TextEncoder();
const CREATE_TIMEOUT_MS = 10_000;

export type RawManifest = Record<string, unknown>;

/** The manifests of a case without their namespaces, and the namespace that they all go into. */
export function readCase(
  line: Line,
  conformanceCase: WorkflowCase,
): { readonly namespace: string; readonly manifests: readonly RawManifest[] } {
  const files = [...(conformanceCase.setup ?? []), conformanceCase.file];
  const read = files.flatMap((file) =>
    readDocuments(readFileSync(join(line.corpusDirectory, file), 'utf8')),
  );
  return {
    namespace: namespaceOf(read, conformanceCase),
    manifests: read.map((manifest) => {
      const metadata = { ...(manifest['metadata'] as RawManifest | undefined) };
      delete metadata['namespace'];
      return { ...manifest, metadata };
    }),
  };
}

/** A namespace of the case's own, unless it expects to see the one that is in its manifest. */
function namespaceOf(manifests: readonly RawManifest[], { name, expect }: WorkflowCase): string {
  const expected = JSON.stringify(expect);
  const named = manifests
    .map((manifest) => (manifest['metadata'] as RawManifest | undefined)?.['namespace'])
    .find((found) => typeof found === 'string' && expected.includes(JSON.stringify(found)));
  return typeof named === 'string' ? named : subjectToken(name).slice(0, 60).toLowerCase();
}

/** Argo reads some texts that YAML's specification refuses: those are left to the product's own reader. */
function readDocuments(text: string): readonly RawManifest[] {
  const documents = [...parseAllDocuments(text, { version: '1.1' })];
  if (documents.some(({ errors }) => errors.length > 0)) {
    return parseManifests(text).manifests.map(({ manifest }) => ({ ...manifest }));
  }
  return documents
    .map((document) => document.toJS() as RawManifest | null)
    .filter((manifest) => manifest !== null);
}

interface Submission {
  readonly conformanceCase: WorkflowCase;
  readonly namespace: string;
  readonly workflows: readonly RawManifest[];
  readonly manifests: readonly RawManifest[];
}

/** Submits what the case submits; the last name is the run's that is looked at. */
export async function submitAll(line: Line, submission: Submission): Promise<readonly string[]> {
  const { conformanceCase, namespace, workflows } = submission;
  await configure(line, conformanceCase);
  const options = submitOptions(conformanceCase);
  const template = templateOf(submission);
  if (template !== undefined) {
    const answer = await line.connection.workflows.submitWorkflow({
      namespace,
      source: { case: 'template', value: template },
      options,
    });
    return [answer.summary?.name ?? ''];
  }
  if (isCreatedUnchecked(conformanceCase)) {
    return Promise.all(workflows.map((manifest) => createUnchecked(line, namespace, manifest)));
  }
  const names: string[] = [];
  for (const [index, manifest] of workflows.entries()) {
    const isLast = index === workflows.length - 1;
    const answer = await line.connection.workflows.submitWorkflow({
      namespace,
      source: { case: 'manifest', value: encode(suspendedIfAsked(manifest, conformanceCase)) },
      ...(isLast ? { options } : {}),
    });
    names.push(answer.summary?.name ?? '');
    // What stands before the last run of a file is its preparation.
    if (!isLast) await finished(line, { namespace, name: answer.summary?.name ?? '' });
  }
  return names;
}

/** How long the schedulers may take to hear of a configuration. */
const CONFIGURED_MS = 300;

/** Declares the installation's defaults that a case asks for. */
async function configure(line: Line, { submit }: WorkflowCase): Promise<void> {
  if (submit?.workflowDefaults === undefined) return;
  const manifest = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: CONTROLLER_CONFIG_MAP, namespace: 'argo' },
    data: { workflowDefaults: JSON.stringify(submit.workflowDefaults) },
  };
  await line.connection.resources.applyResources({ manifests: encode(manifest) });
  await new Promise((resolve) => setTimeout(resolve, CONFIGURED_MS));
}

/** Nothing but the end of the run is expected, and that is Error: the API server lets pass what Argo then refuses. */
function isCreatedUnchecked({ expect }: WorkflowCase): boolean {
  return expect.phase === 'Error' && expect.nodes === undefined && expect.nodeCounts === undefined;
}

/**
 * Creates a run as kubectl or a sensor does: nobody waits for the answer, so that the run itself has to tell what is
 * wrong. The gateway refuses such a manifest at once.
 */
async function createUnchecked(
  line: Line,
  namespace: string,
  manifest: RawManifest,
): Promise<string> {
  const uid = randomUUID();
  const given = (manifest['metadata'] as RawManifest)['name'];
  const name = typeof given === 'string' ? given : `unchecked-${uid.slice(0, 8)}`;
  const submit = { uid, namespace, name, workflowJson: JSON.stringify(manifest) };
  await line.bus.publish({
    subject: commandSubject(partitionOf(uid, EMBEDDED_PARTITIONS), uid, 'submit'),
    event: {
      id: uid,
      source: '/conformance',
      type: EVENT_TYPES.workflowSubmit,
      datacontenttype: PROTOBUF_CONTENT_TYPE,
      data: encodeCommand({ kind: 'Submit', submit }),
    },
  });
  await eventually(() => get(line, { namespace, name }), { timeoutMs: CREATE_TIMEOUT_MS });
  return name;
}

/** An action right at the creation is part of the manifest: there is no moment between. */
function suspendedIfAsked(manifest: RawManifest, { actions = [] }: WorkflowCase): RawManifest {
  const asked = actions.some((action) => action.when === 'created' && action.do === 'suspend');
  if (!asked) return manifest;
  return { ...manifest, spec: { ...(manifest['spec'] as RawManifest), suspend: true } };
}

function submitOptions({ submit }: WorkflowCase): {
  readonly parameters: Record<string, string>;
  readonly scheduledTime: string;
} {
  const parameters = Object.entries(submit?.parameters ?? {}).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return {
    parameters: Object.fromEntries(parameters) as Record<string, string>,
    scheduledTime: submit?.scheduledTime ?? '',
  };
}

function templateOf({
  conformanceCase,
  manifests,
}: Submission): { readonly kind: string; readonly name: string } | undefined {
  const from = conformanceCase.submit?.fromTemplate;
  if (typeof from === 'string') {
    const [kind = '', name = ''] = from.split('/');
    return { kind, name };
  }
  if (from !== true) return undefined;
  const template = manifests.findLast((manifest) => manifest['kind'] !== 'ConfigMap');
  const metadata = template?.['metadata'] as { readonly name?: string } | undefined;
  return { kind: String(template?.['kind']), name: metadata?.name ?? '' };
}

/** The manifest as the gateway takes it. */
export function encode(manifest: RawManifest): Uint8Array {
  return encoder.encode(JSON.stringify(manifest));
}
