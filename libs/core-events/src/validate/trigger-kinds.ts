import type { FieldPath } from '@argosy/model';
import { isGiven, isUnset, textOf, type Fields, type Report } from './report.ts';

type Check = (report: Report, settings: Fields, path: FieldPath) => void;

/** Reports each field that is not set, with its sentence. */
function required(fields: Readonly<Record<string, string>>): Check {
  return (report, settings, path) => {
    for (const [name, sentence] of Object.entries(fields)) {
      if (isUnset(settings[name])) report.error(sentence, [...path, name]);
    }
  };
}

function oneOf(name: string, allowed: readonly string[], sentence: string): Check {
  return (report, settings, path) => {
    const value = textOf(settings[name]);
    if (!allowed.includes(value)) {
      report.error(sentence.replace('%s', value).trim(), [...path, name]);
    }
  };
}

function all(...checks: readonly Check[]): Check {
  return (report, settings, path) => {
    for (const check of checks) check(report, settings, path);
  };
}

const WORKFLOW_OPERATIONS = [
  'submit',
  'submit-from',
  'suspend',
  'retry',
  'resume',
  'resubmit',
  'terminate',
  'stop',
];
const RESOURCE_OPERATIONS = ['', 'create', 'delete', 'patch', 'update'];
const HTTP_METHODS = ['', 'GET', 'DELETE', 'PATCH', 'POST', 'PUT'];
const NO_SOURCE = 'the trigger does not contain a source';
const NO_PAYLOAD = 'payload parameters are not specified';

const custom: Check = (report, settings, path) => {
  if (settings['secure'] !== true || isGiven(settings['certSecret'])) return;
  const sentence = "certSecret can't be nil when the trigger server connection is secure";
  report.error(sentence, [...path, 'certSecret']);
};

/** Trigger kind → what Argo Events demands of its settings. */
export const TRIGGER_CHECKS: Readonly<Record<string, Check>> = {
  k8s: all(
    required({ source: NO_SOURCE }),
    oneOf('operation', RESOURCE_OPERATIONS, 'unknown operation type %s'),
  ),
  argoWorkflow: all(
    required({ source: NO_SOURCE }),
    oneOf('operation', WORKFLOW_OPERATIONS, 'unknown operation type %s'),
  ),
  http: all(
    required({ url: 'server URL is not specified' }),
    oneOf('method', HTTP_METHODS, 'only GET, DELETE, PATCH, POST and PUT methods are supported'),
  ),
  openWhisk: required({
    actionName: 'action name is not specified',
    host: 'host URL is not specified',
    payload: NO_PAYLOAD,
  }),
  awsLambda: required({
    functionName: 'function name is not specified',
    region: 'region in not specified',
    payload: NO_PAYLOAD,
  }),
  kafka: required({
    url: 'broker url must not be empty',
    topic: 'topic must not be empty',
    payload: 'payload must not be empty',
  }),
  nats: required({
    url: "nats server URL can't be empty",
    subject: "nats subject can't be empty",
    payload: "payload can't be nil",
  }),
  pulsar: required({
    url: "pulsar server URL can't be empty",
    topic: "topic can't be empty",
    payload: 'payload must not be empty',
  }),
  slack: required({ slackToken: "slack token can't be empty" }),
  custom: all(
    required({
      serverURL: 'custom trigger gRPC server url is not defined',
      spec: "trigger body can't be empty",
    }),
    custom,
  ),
  azureEventHubs: required({
    fqdn: 'FQDN is not specified',
    hubName: 'Hub name is not specified',
    payload: NO_PAYLOAD,
  }),
  azureServiceBus: required({ payload: NO_PAYLOAD }),
  email: required({ host: "host can't be empty" }),
};
