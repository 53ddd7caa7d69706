import { ArgosyError } from '@argosy/base';
import type { Driver, DriverContext } from '../driver.ts';
import { headerValue, type HttpRequest } from '../http/endpoint.ts';
import { objectBody, requestEventData } from '../http/event-data.ts';
import { isFields, type Fields } from '../http/settings.ts';
import { isSignedBody } from '../http/signature.ts';
import { createHttpSourceDriver, refused, type HttpFamily, type Verdict } from '../http/source.ts';
import { refsChanged, withChanges, type RefChange } from './changes.ts';
import { bitbucketServerClient, bitbucketServerHooks, repositoryPath } from './hooks.ts';
import { parseBitbucketServerSettings, type BitbucketServerSettings } from './settings.ts';

/** How long one look at the open pull requests may take. */
const LOOK_TIMEOUT_MS = 5_000;

/** Webhooks of Bitbucket Server and Data Center, which it signs when `webhookSecret` is set. */
export function createBitbucketServerDriver(family: HttpFamily): Driver {
  return createHttpSourceDriver(
    {
      kind: 'bitbucketserver',
      parse(fields, http, problems) {
        const settings = parseBitbucketServerSettings(fields, http, problems);
        const { webhookSecret } = settings;
        return {
          requiredSecrets: webhookSecret === undefined ? [] : [webhookSecret],
          judge(request, { secrets: [secret], context }) {
            const signature = headerValue(request.headers, 'x-hub-signature');
            const { body } = request;
            if (secret !== undefined && !isSignedBody(signature, ['sha256'], { secret, body })) {
              return refused('the signature is missing or wrong');
            }
            const json = objectBody(body);
            if (!json.ok) return refused(json.error);
            return verdictOf({ request, ...json.value, settings, context });
          },
          hooks: (context) => bitbucketServerHooks(settings, context),
        };
      },
    },
    family,
  );
}

async function verdictOf(parts: {
  readonly request: HttpRequest;
  readonly text: string;
  readonly value: Fields;
  readonly settings: BitbucketServerSettings;
  readonly context: DriverContext;
}): Promise<Verdict> {
  const { request, text, value, settings, context } = parts;
  const { metadata } = settings;
  const requestId = headerValue(request.headers, 'x-request-id');
  const eventsOf = (bodies: readonly string[]): Verdict => ({
    kind: 'Events',
    events: bodies.map((bodyText, index) => ({
      data: requestEventData({ request, bodyText, metadata }),
      deliveryKey: requestId === undefined ? undefined : `${requestId}/${index}`,
    })),
  });
  const push = refsChanged(value);
  if (push === undefined) return eventsOf([text]);
  let { changes } = push;
  if (settings.skipsBranchesOfOpenPullRequests) {
    try {
      changes = await withoutOpenPullRequests(push, settings, context);
    } catch (error) {
      return refused(ArgosyError.fromUnknown(error).message, 503);
    }
    if (changes.length === 0) return { kind: 'Answer', answer: 'success' };
  }
  if (settings.oneEventPerChange) {
    return eventsOf(changes.map((change) => withChanges(value, [change])));
  }
  return eventsOf([changes.length === push.changes.length ? text : withChanges(value, changes)]);
}

/** Leaves out the updates of branches that are told as updates of their pull requests. */
async function withoutOpenPullRequests(
  push: NonNullable<ReturnType<typeof refsChanged>>,
  settings: BitbucketServerSettings,
  context: DriverContext,
): Promise<readonly RefChange[]> {
  const client = bitbucketServerClient(settings, context);
  if (client === undefined) return push.changes;
  const signal = AbortSignal.timeout(LOOK_TIMEOUT_MS);
  const kept: RefChange[] = [];
  for (const change of push.changes) {
    const at = encodeURIComponent(change.refId);
    const query = `?at=${at}&direction=OUTGOING&state=OPEN&limit=1`;
    const path = `${repositoryPath(push.repository)}/pull-requests${query}`;
    const answer = change.isBranchUpdate ? await client.call('GET', path, { signal }) : undefined;
    const open = isFields(answer) ? answer['values'] : undefined;
    if (!Array.isArray(open) || open.length === 0) kept.push(change);
  }
  return kept;
}
