import { Agent, request } from 'node:http';
import { eventually, freePort } from '@argosy/testkit';
import type { Installation } from '../../e2e/support/installation.ts';

/** Posts JSON to one webhook over connections that are kept. */
export interface Webhook extends Disposable {
  /** Resolves with the status of the answer. */
  post(body: string): Promise<number>;
}

const encoder = new TextEncoder();

export async function applyAll(
  installation: Installation,
  manifests: readonly object[],
): Promise<void> {
  for (const manifest of manifests) {
    const text = JSON.stringify({ apiVersion: 'argoproj.io/v1alpha1', ...manifest });
    await installation.resources.applyResources({ manifests: encoder.encode(text) });
  }
}

/** Declares an EventSource with the one event `post` and waits until it is answered. */
export async function openWebhook(
  installation: Installation,
  name: string,
  connections: number,
): Promise<Webhook> {
  const port = await freePort();
  const post = { port: String(port), endpoint: '/post', method: 'POST' };
  const spec = { webhook: { post } };
  await applyAll(installation, [{ kind: 'EventSource', metadata: { name }, spec }]);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const webhook: Webhook = {
    post: (body) => postTo({ agent, port }, body),
    [Symbol.dispose]: () => agent.destroy(),
  };
  await eventually(async () => (await webhook.post('{"first":true}')) === 200);
  return webhook;
}

function postTo(
  at: { readonly agent: Agent; readonly port: number },
  body: string,
): Promise<number> {
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  return new Promise((resolve, reject) => {
    const call = request(
      { ...at, host: '127.0.0.1', path: '/post', method: 'POST', headers },
      (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
      },
    );
    call.once('error', reject);
    call.end(body);
  });
}
