import type { SecretSelector } from '../driver.ts';
import { isFields, selectorField, textField, type Fields } from '../http/settings.ts';
import { parseMqttBroker, type MqttBroker } from '../mqtt/settings.ts';

/** One event of `emitter`, checked. */
export interface EmitterSettings {
  readonly broker: MqttBroker;
  readonly channelName: string;
  /** The key itself, or where it is. */
  readonly channelKey: string | SecretSelector;
}

/** Reads `spec.emitter.<event>`; what is wrong goes to `problems`, as sentences. */
export function parseEmitterSettings(fields: Fields, problems: string[]): EmitterSettings {
  const channelName = textField(fields, 'channelName', problems).replace(/^\/+|\/+$/g, '');
  if (channelName === '') problems.push('channelName is missing; set the channel to subscribe to');
  const channelKey = isFields(fields['channelKey'])
    ? selectorField(fields, 'channelKey', problems)
    : textField(fields, 'channelKey', problems);
  if (channelKey === '') problems.push('channelKey is missing; set the key of the channel');
  return {
    broker: parseMqttBroker(fields, { urlField: 'broker', secrets: fields, problems }),
    channelName,
    channelKey: channelKey ?? '',
  };
}
