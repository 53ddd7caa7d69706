import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GatewayParts } from '../parts.ts';
import { runHistory, type HistoryLine, type HistoryRequest } from '../runs/run-history.ts';
import { flagField, integerField, pathValue, queryOf, textField } from './request-values.ts';
import { sendStream, streamSignal } from './streams.ts';

/** Most facts in one answer; the rest is asked for with `since`. */
const HISTORY_LIMIT = 10_000;

/**
 * `/api/v1/workflows/{namespace}/{name}/history`, an addition to Argo's paths: the facts of a run in order. Query:
 * `node`, `since`, `until` (as `at` of the run itself), `limit`, `facts=true` for the facts' own data, `follow=true`
 * for a stream that ends with the run.
 */
export function addHistoryRoutes(app: FastifyInstance, parts: GatewayParts): void {
  app.get('/api/v1/workflows/:namespace/:name/history', async (request, reply) => {
    const asked = historyRequest(request);
    const hasFacts = flagField(queryOf(request), 'facts');
    const signal = streamSignal(reply, parts.stopping);
    if (asked.follow === true) {
      return sendStream(request, reply, each(runHistory(parts, asked, signal), hasFacts));
    }
    const wanted = Math.min(asked.limit || HISTORY_LIMIT, HISTORY_LIMIT);
    // One more than is answered tells whether that was all.
    const limited = { ...asked, limit: wanted + 1 };
    const found: unknown[] = [];
    let next = 0;
    for await (const line of lines(runHistory(parts, limited, signal))) {
      if (found.length < wanted) found.push(item(line, hasFacts));
      else next = line.entry.sequence;
    }
    return { metadata: next === 0 ? {} : { continue: `#${next}` }, items: found };
  });
}

async function* lines(batches: AsyncIterable<readonly HistoryLine[]>): AsyncIterable<HistoryLine> {
  for await (const batch of batches) yield* batch;
}

async function* each(
  batches: AsyncIterable<readonly HistoryLine[]>,
  hasFacts: boolean,
): AsyncIterable<unknown> {
  for await (const line of lines(batches)) yield item(line, hasFacts);
}

function item({ entry, fact }: HistoryLine, hasFacts: boolean): unknown {
  const { at, node, ...rest } = entry;
  const { index: _index, ...named } = node ?? {};
  return {
    ...rest,
    time: new Date(at).toISOString(),
    ...(node === undefined ? {} : { node: named }),
    ...(hasFacts ? { fact } : {}),
  };
}

function historyRequest(request: FastifyRequest): HistoryRequest {
  const query = queryOf(request);
  const [node, since, until] = ['node', 'since', 'until'].map((name) => textField(query, name));
  return {
    namespace: pathValue(request, 'namespace'),
    name: pathValue(request, 'name'),
    follow: flagField(query, 'follow'),
    limit: Math.max(integerField(query, 'limit') ?? 0, 0),
    ...(node === undefined ? {} : { node }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
}
