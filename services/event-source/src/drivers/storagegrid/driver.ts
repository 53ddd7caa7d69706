import { randomUUID } from 'node:crypto';
import type { Driver } from '../driver.ts';
import { dataText } from '../http/event-data.ts';
import { isFields, metadataField, textField, textsField, type Fields } from '../http/settings.ts';
import { createHttpSourceDriver, refused, type HttpFamily } from '../http/source.ts';
import { passesObjectKeyFilter, storageGridNotification } from './notification.ts';

/**
 * Notifications of StorageGRID's platform services. It signs nothing; `webhook.authSecret` behind a proxy is
 * the way to check. Stored before it is answered, other than Argo Events, which answers first.
 */
export function createStorageGridDriver(family: HttpFamily): Driver {
  return createHttpSourceDriver(
    {
      kind: 'storageGrid',
      parse(fields, _http, problems) {
        const events = textsField(fields, 'events', problems);
        const filter = parseFilter(fields, problems);
        const metadata = metadataField(fields, problems);
        if (fields['apiURL'] !== undefined) {
          problems.push('apiURL is not supported here; set the notification up at the tenant');
        }
        return {
          requiredSecrets: [],
          judge(request) {
            const notification = storageGridNotification(request.body);
            if (!notification.ok) return refused(notification.error);
            const { eventName, objectKey, deliveryKey, data } = notification.value;
            const isWanted =
              (events.length === 0 || events.includes(eventName)) &&
              passesObjectKeyFilter(objectKey, filter);
            if (!isWanted) return { kind: 'Answer', answer: receipt() };
            const text = dataText({ notification: JSON.stringify(data) }, metadata);
            return { kind: 'Events', events: [{ data: text, deliveryKey }], answer: receipt() };
          },
        };
      },
    },
    family,
  );
}

function parseFilter(
  fields: Fields,
  problems: string[],
): { readonly prefix: string; readonly suffix: string } | undefined {
  const filter = fields['filter'];
  if (filter === undefined || filter === null) return undefined;
  if (!isFields(filter)) {
    problems.push('filter must be a map of prefix and suffix');
    return undefined;
  }
  const prefix = textField(filter, 'prefix', problems);
  return { prefix, suffix: textField(filter, 'suffix', problems) };
}

/** The answer of SNS to a publication, which is what StorageGRID waits for. */
function receipt(): string {
  const result = `<PublishResult><MessageId>${randomUUID()}</MessageId></PublishResult>`;
  const metadata = `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>`;
  return `<PublishResponse>${result}${metadata}</PublishResponse>`;
}
