import type { HistoryEntrySchema, WorkflowService } from '@argosy/api';
import type { rpcService } from '@argosy/rpc';
import type { HistoryNode } from '@argosy/core-workflow';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { GatewayParts } from '../parts.ts';
import { runHistory, type HistoryLine } from '../runs/run-history.ts';
import { jsonBytes } from '../text.ts';

type Implementation = Parameters<typeof rpcService<typeof WorkflowService>>[1];

/** Most facts in one message of the stream. */
const ENTRIES_PER_MESSAGE = 500;

export function historyCalls(parts: GatewayParts): Pick<Implementation, 'getWorkflowHistory'> {
  return {
    async *getWorkflowHistory(request, { signal }) {
      const { name, node, since, until, follow, limit, includeFacts } = request;
      const namespace = request.namespace || parts.namespaceDefault;
      const asked = { namespace, name, node, since, until, follow, limit };
      for await (const lines of runHistory(parts, asked, signal)) {
        for (let start = 0; start < lines.length; start += ENTRIES_PER_MESSAGE) {
          const some = lines.slice(start, start + ENTRIES_PER_MESSAGE);
          yield { entries: some.map((line) => entryMessage(line, includeFacts)) };
        }
      }
    },
  };
}

function entryMessage(
  { entry, fact }: HistoryLine,
  hasFact: boolean,
): MessageInitShape<typeof HistoryEntrySchema> {
  const { sequence, at, offsetMs, kind, what, phase, message, node } = entry;
  return {
    sequence: BigInt(sequence),
    time: timestampFromMs(at),
    offsetMs,
    kind,
    what,
    phase,
    message,
    ...(node === undefined ? {} : nodeFields(node)),
    factJson: hasFact ? jsonBytes(fact) : new Uint8Array(),
  };
}

function nodeFields(node: HistoryNode): MessageInitShape<typeof HistoryEntrySchema> {
  const { id: nodeId, name: nodeName, displayName, type: nodeType, templateName, attempt } = node;
  const named = { nodeId, nodeName, displayName, nodeType, templateName };
  return attempt === undefined ? named : { ...named, attempt };
}
