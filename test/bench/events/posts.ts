import type { Installation } from '../../e2e/support/installation.ts';
import { milliseconds, quantile } from '../figures.ts';
import type { EventRow } from './index.ts';
import { openWebhook } from './posting.ts';

/** Most posts under way at once. */
const CONNECTIONS = 64;
const POSTS = 10_000;
const WARM_UP_POSTS = 2_000;
const BODY = JSON.stringify({ number: 1, text: 'x'.repeat(200) });

/** Posts that are answered with 200, that is stored, by one event source. */
export async function measurePosts(installation: Installation): Promise<EventRow> {
  using webhook = await openWebhook(installation, 'bench-posts', CONNECTIONS);
  await postMany((body) => webhook.post(body), WARM_UP_POSTS);
  const beganMs = performance.now();
  const times = await postMany((body) => webhook.post(body), POSTS);
  const seconds = (performance.now() - beganMs) / 1_000;
  const p99 = milliseconds(quantile(times, 0.99));
  return {
    what: `webhook posts stored (${POSTS}, ${CONNECTIONS} connections, sender on the same machine)`,
    found: `${Math.round(POSTS / seconds)}/s, p50 ${milliseconds(quantile(times, 0.5))}, p99 ${p99}`,
  };
}

async function postMany(
  post: (body: string) => Promise<number>,
  count: number,
): Promise<readonly number[]> {
  const times: number[] = [];
  let next = 0;
  const sender = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      const sentMs = performance.now();
      if ((await post(BODY)) !== 200) throw new Error('a post was not stored');
      times.push(performance.now() - sentMs);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, sender));
  return times.sort((left, right) => left - right);
}
