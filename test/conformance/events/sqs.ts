import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { BUCKETS, resourceKey, STREAMS } from '@argosy/api';
import { createMemoryBus } from '@argosy/bus';
import { startEventSource } from '@argosy/event-source';
import { createLogger, createMetrics, createTracing } from '@argosy/telemetry';
import { eventually } from '@argosy/testkit';
import type { CaseOutcome, ConformanceCase } from '../adapter.ts';
import { allOf, compared, expectOf, partOf, partsOf, specOf, type Part } from './case.ts';

const NAMESPACE = 'default';
const HANDLED_WITHIN = { timeoutMs: 20_000 };
const STOP_BUDGET_MS = 1_000;
const EMPTY_WAIT_MS = 50;

/** A queue that gives its one message once and notes whether it was deleted. */
interface OneMessageQueue {
  readonly url: string;
  readonly server: Server;
  receives: number;
  isDeleted: boolean;
}

/** eventsource.shape of sqs: the service against a stand-in that speaks SQS's JSON protocol. */
export async function runSqsCase(conformanceCase: ConformanceCase): Promise<CaseOutcome> {
  const source = partOf(specOf(conformanceCase)['eventSource']);
  const message = partOf(partsOf(conformanceCase['events'])[0]?.['message']);
  const queue = await startQueue(message);
  await using bus = createMemoryBus();
  const resources = await bus.keyValue(BUCKETS.resources);
  const declare = (kind: string, name: string, body: object): Promise<unknown> => {
    const manifest = { kind, metadata: { name, namespace: NAMESPACE }, ...body };
    const value = new TextEncoder().encode(JSON.stringify(manifest));
    return resources.put(resourceKey(kind, NAMESPACE, name), value);
  };
  await declare('Secret', 'aws', { stringData: { key: 'AKIDEXAMPLE' } });
  await declare('EventSource', String(source['name']), {
    spec: { sqs: reachable(partOf(partOf(source['spec'])['sqs']), queue.url) },
  });
  const service = await startEventSource(
    {
      bus,
      logger: createLogger({ name: 'event-source', level: 'silent' }),
      metrics: createMetrics(),
      tracing: createTracing({ serviceName: 'event-source' }),
      replicaId: 'conformance',
      advertiseHost: '127.0.0.1',
    },
    { rpcHost: '127.0.0.1', rpcPort: 0, webhookHost: '127.0.0.1' },
  );
  try {
    // Who asks for more is done with the first.
    await eventually(() => queue.receives > 1, HANDLED_WITHIN);
    let stored = 0;
    for await (const event of bus.read(STREAMS.events, 'events.>')) stored += event ? 1 : 0;
    const { published, deleted } = expectOf(conformanceCase);
    return allOf(
      compared('published', stored > 0, published),
      compared('deleted', queue.isDeleted, deleted),
    );
  } finally {
    await service.stop(STOP_BUDGET_MS);
    queue.server.close();
    queue.server.closeAllConnections();
  }
}

/** The events of the case, at the stand-in and with keys that it does not look at. */
function reachable(events: Part, endpoint: string): Part {
  const key = { name: 'aws', key: 'key' };
  const added = { endpoint, accessKey: key, secretKey: key };
  return Object.fromEntries(
    Object.entries(events).map(([name, settings]) => [name, { ...partOf(settings), ...added }]),
  );
}

async function startQueue(message: Part): Promise<OneMessageQueue> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const action = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
      const waitMs = action === 'ReceiveMessage' && queue.receives > 0 ? EMPTY_WAIT_MS : 0;
      const answer = JSON.stringify(answerTo(action, JSON.parse(body) as Part));
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      setTimeout(() => response.end(answer), waitMs);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const queue: OneMessageQueue = { url, server, receives: 0, isDeleted: false };

  function answerTo(action: string, body: Part): object {
    if (action === 'GetQueueUrl') return { QueueUrl: `${url}/1/${String(body['QueueName'])}` };
    if (action === 'DeleteMessageBatch') {
      queue.isDeleted = true;
      const ids = partsOf(body['Entries']).map((entry) => ({ Id: entry['Id'] }));
      return { Successful: ids, Failed: [] };
    }
    queue.receives += 1;
    if (queue.receives > 1) return {};
    const MD5OfBody = createHash('md5').update(String(message['Body'])).digest('hex');
    return { Messages: [{ ...message, MD5OfBody, ReceiptHandle: 'r' }] };
  }
  return queue;
}
