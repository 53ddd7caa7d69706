import { sprigFunctions } from '@argosy/lang';
import type { FieldPath } from '@argosy/model';
import { calendarPlan, type CalendarSettings } from '../source/calendar.ts';
import { fieldsOf, isGiven, isUnset, listOf, textOf, type Fields, type Report } from './report.ts';

/** Checks the settings of one event of one kind. */
export type SourceCheck = (report: Report, settings: Fields, path: FieldPath) => void;

function required(fields: Readonly<Record<string, string>>): SourceCheck {
  return (report, settings, path) => {
    for (const [name, sentence] of Object.entries(fields)) {
      if (isUnset(settings[name])) report.error(sentence, [...path, name]);
    }
  };
}

function all(...checks: readonly SourceCheck[]): SourceCheck {
  return (report, settings, path) => {
    for (const check of checks) check(report, settings, path);
  };
}

function oneOf(name: string, allowed: readonly string[], sentence: string): SourceCheck {
  return (report, settings, path) => {
    if (!allowed.includes(textOf(settings[name]))) report.error(sentence, [...path, name]);
  };
}

/** The settings of the HTTP server a source of the webhook family shares. */
const httpServer: SourceCheck = (report, settings, path) => {
  const [endpoint, port] = [textOf(settings['endpoint']), textOf(settings['port'])];
  if (endpoint === '') report.error("endpoint can't be empty", [...path, 'endpoint']);
  else if (!endpoint.startsWith('/')) {
    report.error("endpoint must start with '/'", [...path, 'endpoint']);
  }
  if (port === '') report.error("port can't be empty", [...path, 'port']);
  else if (!/^\d+$/.test(port) || Number(port) > 65_535) {
    report.error(`failed to parse server port ${port}: it must be a number`, [...path, 'port']);
  }
};

const webhookBlock: SourceCheck = (report, settings, path) => {
  httpServer(report, fieldsOf(settings['webhook']), [...path, 'webhook']);
};

const optionalWebhookBlock: SourceCheck = (report, settings, path) => {
  if (isGiven(settings['webhook'])) webhookBlock(report, settings, path);
};

/** Certificates: a client pair is whole or absent; something must be said at all. */
const tls: SourceCheck = (report, settings, path) => {
  if (!isGiven(settings['tls'])) return;
  const block = fieldsOf(settings['tls']);
  const place = [...path, 'tls'];
  const [cert, key] = [isGiven(block['clientCertSecret']), isGiven(block['clientKeySecret'])];
  if (cert !== key) {
    report.error(
      'invalid tls config, both clientCertSecret and clientKeySecret must be set',
      place,
    );
  }
  const isSaid = block['insecureSkipVerify'] === true || isGiven(block['caCertSecret']) || cert;
  if (!isSaid && isUnset(block['enabled']) && !key) {
    const sentence =
      'invalid tls config, please configure either caCertSecret, or clientCertSecret and ' +
      'clientKeySecret, or both, or set insecureSkipVerify';
    report.error(sentence, place);
  }
};

const SASL_MECHANISMS = ['', 'OAUTHBEARER', 'PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'GSSAPI'];

const sasl: SourceCheck = (report, settings, path) => {
  if (!isGiven(settings['sasl'])) return;
  const block = fieldsOf(settings['sasl']);
  const place = [...path, 'sasl'];
  if (!SASL_MECHANISMS.includes(textOf(block['mechanism']))) {
    const values = SASL_MECHANISMS.slice(1).join(', ');
    const sentence = `invalid sasl config. Possible values for SASL Mechanism are ${values}`;
    report.error(sentence, [...place, 'mechanism']);
  }
  const isPair = isGiven(block['userSecret']) && isGiven(block['passwordSecret']);
  const isOther = ['GSSAPI', 'OAUTHBEARER'].includes(textOf(block['mechanism']));
  if (!isPair && !isOther) {
    report.error('invalid sasl config, both userSecret and passwordSecret must be defined', place);
  }
};

const kafka: SourceCheck = (report, settings, path) => {
  if (!isGiven(settings['consumerGroup']) && isUnset(settings['partition'])) {
    report.error('partition must be specified', [...path, 'partition']);
  }
  if (isGiven(settings['consumerGroup'])) {
    required({ groupName: 'consumerGroup.groupName must be specified' })(
      report,
      fieldsOf(settings['consumerGroup']),
      [...path, 'consumerGroup'],
    );
  }
  if (isGiven(settings['awsMskIamAuth'])) {
    required({ region: 'awsMskIamAuth.region must be specified' })(
      report,
      fieldsOf(settings['awsMskIamAuth']),
      [...path, 'awsMskIamAuth'],
    );
  }
};

const watchPath: SourceCheck = (report, settings, path) => {
  const directory = textOf(settings['directory']);
  const [file, pattern] = [textOf(settings['path']), textOf(settings['pathRegexp'])];
  if (!directory.startsWith('/')) {
    const sentence =
      directory === '' ? 'directory is required' : 'directory must be an absolute file path';
    report.error(sentence, [...path, 'directory']);
  }
  if (file === '' && pattern === '') {
    report.error('either path or pathRegexp must be specified', path);
  } else if (file !== '' && pattern !== '') {
    report.error('path and pathRegexp cannot be specified together', path);
  }
  if (file.startsWith('/')) report.error('path must be relative', [...path, 'path']);
  if (pattern !== '' && !isPattern(pattern)) {
    report.error('pathRegexp is no regular expression', [...path, 'pathRegexp']);
  }
};

function isPattern(pattern: string): boolean {
  try {
    sprigFunctions['mustRegexMatch']?.([pattern, '']);
    return true;
  } catch {
    return false;
  }
}

const watchPathBlock: SourceCheck = (report, settings, path) => {
  watchPath(report, fieldsOf(settings['watchPathConfig']), [...path, 'watchPathConfig']);
};

const calendar: SourceCheck = (report, settings, path) => {
  const plan = calendarPlan(settings as CalendarSettings);
  if (!plan.ok) report.error(plan.error, path);
};

const github: SourceCheck = (report, settings, path) => {
  const isOld = textOf(settings['owner']) !== '' && textOf(settings['repository']) !== '';
  if (isUnset(settings['repositories']) && isUnset(settings['organizations']) && !isOld) {
    report.error('either repositories or organizations is required', path);
  }
  listOf(settings['repositories'])
    .map(fieldsOf)
    .forEach((repository, index) => {
      if (textOf(repository['owner']) !== '' && !isUnset(repository['names'])) return;
      const place = [...path, 'repositories', index];
      report.error('both "owner" and "names" are required in repositories', place);
    });
  oneOf('contentType', ['', 'json', 'form'], 'content type must be "json" or "form"')(
    report,
    settings,
    path,
  );
};

const gitlab: SourceCheck = (report, settings, path) => {
  const isOld = textOf(settings['projectID']) !== '';
  if (isUnset(settings['projects']) && isUnset(settings['groups']) && !isOld) {
    report.error('projects or groups must be specified', path);
  }
};

const nats: SourceCheck = (report, settings, path) => {
  if (settings['queue'] === '') {
    report.error('queue group cannot be empty if specified', [...path, 'queue']);
  }
};

const redis: SourceCheck = (report, settings, path) => {
  if (!isGiven(settings['password']) || textOf(settings['namespace']) !== '') return;
  const sentence = 'namespace must be defined in order to retrieve the password';
  report.error(sentence, [...path, 'namespace']);
};

const stripe: SourceCheck = (report, settings, path) => {
  if (settings['createWebhook'] !== true || isGiven(settings['apiKey'])) return;
  report.error('api key K8s secret selector not provided', [...path, 'apiKey']);
};

const serviceBus: SourceCheck = (report, settings, path) => {
  const isSet = (name: string): boolean => textOf(settings[name]) !== '';
  if (!isGiven(settings['connectionString']) && !isSet('fullyQualifiedNamespace')) {
    report.error('must specify connectionString or fullyQualifiedNamespace', path);
  }
  if (isSet('queueName') && isSet('topicName')) {
    report.error('queueName and topicName cannot be specified at the same time', path);
  } else if (!isSet('queueName') && !isSet('topicName')) {
    report.error('must specify queueName or topicName', path);
  }
  if (isSet('topicName') && !isSet('subscriptionName')) {
    report.error('must specify subscriptionName with topicName', [...path, 'subscriptionName']);
  }
};

const queueStorage: SourceCheck = (report, settings, path) => {
  if (isGiven(settings['connectionString'])) return;
  if (textOf(settings['storageAccountName']) !== '') return;
  report.error('must specify connectionString or storageAccountName', path);
};

const resource: SourceCheck = (report, settings, path) => {
  const TYPES = ['ADD', 'UPDATE', 'DELETE'];
  listOf(settings['eventTypes']).forEach((type, index) => {
    if (TYPES.includes(textOf(type))) return;
    report.error(`unknown event type ${textOf(type)}`, [...path, 'eventTypes', index]);
  });
};

const AWS = { region: 'must specify region' };
const SLACK = { token: 'token not provided', signingSecret: 'signingSecret not provided' };

/** Kind → the checks of Argo Events for the settings of its events. */
export const EVENT_SOURCE_CHECKS: Readonly<Record<string, SourceCheck>> = {
  webhook: httpServer,
  calendar,
  github: all(github, webhookBlock),
  gitlab: all(
    required({
      accessToken: "access token can't be nil",
      gitlabBaseURL: "gitlabBaseURL can't be empty",
    }),
    gitlab,
    webhookBlock,
  ),
  bitbucket: all(required({ events: 'events cannot be empty' }), webhookBlock),
  bitbucketserver: all(
    required({ bitbucketserverBaseURL: "bitbucketserver base URL can't be empty" }),
    webhookBlock,
    tls,
  ),
  gerrit: all(
    required({
      gerritBaseURL: "gerrit base url can't be empty",
      hookName: "gerrit hook name can't be empty",
    }),
    webhookBlock,
  ),
  slack: all(required(SLACK), webhookBlock),
  stripe: all(stripe, webhookBlock),
  sns: all(required({ topicArn: 'must specify topic arn', ...AWS }), webhookBlock),
  storageGrid: all(optionalWebhookBlock),
  sqs: required({ queue: 'must specify queue name', ...AWS }),
  kafka: all(
    required({ url: 'url must be specified', topic: 'topic must be specified' }),
    kafka,
    sasl,
    tls,
  ),
  nats: all(
    required({ url: 'url must be specified', subject: 'subject must be specified' }),
    nats,
    tls,
  ),
  amqp: all(
    (report, settings, path) => {
      if (!isUnset(settings['url']) || isGiven(settings['urlSecret'])) return;
      report.error('either url or urlSecret must be specified', path);
    },
    required({ exchangeType: 'exchange type must be specified' }),
    tls,
  ),
  mqtt: all(
    required({
      url: 'url must be specified',
      topic: 'topic must be specified',
      clientId: 'client id must be specified',
    }),
    tls,
  ),
  redis: all(
    required({
      hostAddress: 'host address must be specified',
      channels: 'at least one channel must be specified',
    }),
    redis,
    tls,
  ),
  redisStream: all(
    required({
      hostAddress: 'host address must be specified',
      streams: 'at least one stream must be specified',
    }),
    tls,
  ),
  nsq: all(
    required({
      hostAddress: 'host address must be specified',
      topic: 'topic must be specified',
      channel: 'channel must be specified',
    }),
    tls,
  ),
  pulsar: all(
    required({ topics: "topics can't be an empty list", url: "url can't be empty" }),
    oneOf(
      'type',
      ['', 'exclusive', 'shared'],
      'subscription type must be either exclusive or shared',
    ),
  ),
  emitter: all(
    required({
      broker: 'broker url must be specified',
      channelName: 'channel name must be specified',
      channelKey: 'channel key secret selector must be specified',
    }),
    tls,
  ),
  minio: required({
    bucket: 'bucket is not specified',
    endpoint: "endpoint can't be empty",
    accessKey: "access key can't be empty",
    secretKey: "secret key can't be empty",
  }),
  file: all(required({ eventType: 'type must be specified' }), watchPathBlock),
  sftp: all(required({ eventType: 'type must be specified' }), watchPathBlock),
  hdfs: all(required({ type: 'type is required', addresses: 'addresses is required' }), watchPath),
  resource: all(
    required({ version: 'version must be specified', resource: 'resource must be specified' }),
    resource,
  ),
  generic: required({
    url: "server url can't be empty",
    config: "event source config can't be empty",
  }),
  pubSub: (report, settings, path) => {
    if (!isUnset(settings['topic']) || !isUnset(settings['subscriptionID'])) return;
    report.error('must specify topic or subscriptionID', path);
  },
  azureEventsHub: required({
    fqdn: 'fqdn is not specified',
    hubName: 'hub name is not specified',
  }),
  azureServiceBus: serviceBus,
  azureQueueStorage: all(required({ queueName: 'must specify queueName' }), queueStorage),
  mns: required({ queue: 'must specify queue', endpoint: 'must specify endpoint' }),
  // Argosy's own.
  websocket: required({ url: 'url must be specified' }),
  sse: required({ url: 'url must be specified' }),
};
