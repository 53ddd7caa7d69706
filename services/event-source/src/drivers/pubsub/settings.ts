import type { SecretSelector } from '../driver.ts';
import {
  flagField,
  metadataField,
  selectorField,
  textField,
  type Fields,
} from '../http/settings.ts';

export interface PubSubSettings {
  /** Of the subscription; empty: that of the credentials or of the machine. */
  readonly projectId: string;
  /** Empty: the subscription is there already. */
  readonly topic: string;
  readonly topicProjectId: string;
  /** Empty: one of this event's own. */
  readonly subscriptionId: string;
  readonly credentials: SecretSelector | undefined;
  readonly isDeletedAtEnd: boolean;
  readonly isJson: boolean;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

/** Reads `spec.pubSub.<event>`. */
export function parsePubSubSettings(fields: Fields, problems: string[]): PubSubSettings {
  const topic = textField(fields, 'topic', problems);
  const subscriptionId = textField(fields, 'subscriptionID', problems);
  if (topic === '' && subscriptionId === '') {
    problems.push('topic or subscriptionID must be set; with a topic a subscription is made');
  }
  if (topic.includes('/')) problems.push('topic must be its name; set topicProjectID beside it');
  if (fields['credentialsFile'] !== undefined) {
    problems.push('credentialsFile is not supported here; put it into a Secret: credentialSecret');
  }
  return {
    projectId: textField(fields, 'projectID', problems),
    topic,
    topicProjectId: textField(fields, 'topicProjectID', problems),
    subscriptionId,
    credentials: selectorField(fields, 'credentialSecret', problems),
    isDeletedAtEnd: flagField(fields, 'deleteSubscriptionOnFinish', problems),
    isJson: flagField(fields, 'jsonBody', problems),
    metadata: metadataField(fields, problems),
  };
}
