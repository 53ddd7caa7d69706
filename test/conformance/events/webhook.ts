import { compileSourceFilter, sourceFilterPasses, webhookEventData } from '@argosy/core-events';
import { failed, type CaseOutcome, type ConformanceCase } from '../adapter.ts';
import { allOf, compared, contains, expectOf, partOf, partsOf, specOf } from './case.ts';

/**
 * eventsource.webhook: the data a request makes. Cases about routing, authentication, size and the bus
 * belong to the HTTP server of the event source, so they fail here.
 */
export function runWebhookCase(conformanceCase: ConformanceCase): CaseOutcome {
  const spec = specOf(conformanceCase);
  const expect = expectOf(conformanceCase);
  const [event] = partsOf(conformanceCase['events']);
  const request = partOf(event?.['request']);
  const source = partOf(partOf(partOf(spec['eventSource'])['spec'])['webhook']);
  const settings = partOf(source['example']);
  const [path = '', query = ''] = String(request['path']).split('?');
  const status = Number(expect['status']);
  const isData = path === settings['endpoint'] && request['method'] === settings['method'];
  if (!isData || ![200, 400].includes(status) || settings['maxPayloadSize'] !== undefined) {
    return failed('no HTTP server behind this adapter');
  }
  const headers = Object.entries(partOf(request['headers'])).map(([name, value]) => [
    name,
    [value],
  ]);
  const data = webhookEventData({
    method: String(request['method']),
    query,
    headers: Object.fromEntries(headers) as Record<string, readonly string[]>,
    bodyText: String(request['body']),
    metadata: partOf(settings['metadata']) as Readonly<Record<string, string>>,
  });
  if (!data.ok) return compared(`accept (${data.error})`, false, expect['accept']);
  if (expect['event'] !== undefined) return failed('no HTTP server behind this adapter');
  const json: unknown = JSON.parse(data.value);
  return allOf(
    compared('accept', true, expect['accept']),
    contains(json, expect['dataSubset'] ?? {})
      ? { status: 'passed' }
      : compared('data', json, expect['dataSubset']),
    publishedOutcome(data.value, partOf(settings['filter'])['expression'], expect['published']),
  );
}

function publishedOutcome(dataText: string, expression: unknown, want: unknown): CaseOutcome {
  if (typeof expression !== 'string') return { status: 'passed' };
  const program = compileSourceFilter(expression);
  const verdict = program.ok ? sourceFilterPasses(program.value, dataText) : program;
  return compared('published', verdict.ok && verdict.value, want);
}
