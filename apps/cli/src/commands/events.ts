import { ArgosyError } from '@argosy/base';
import { EXIT, withConnection, type CommandContext, type GlobalOptions } from './context.ts';
import { readManifestTexts } from './files.ts';

export interface SendFlags {
  readonly data?: string;
  readonly file?: string;
  readonly id?: string;
  readonly type?: string;
  readonly eventBus?: string;
}

/** `argosy events send SOURCE/EVENT --data JSON` */
export async function sendEventCommand(
  context: CommandContext,
  target: string,
  options: GlobalOptions & SendFlags,
): Promise<number> {
  const [eventSource = '', eventName = '', ...rest] = target.split('/');
  if (eventSource === '' || eventName === '' || rest.length > 0) {
    throw new ArgosyError(
      'INVALID_ARGUMENT',
      `name the event as EVENT_SOURCE/EVENT_NAME, not "${target}"`,
    );
  }
  const data = await eventData(context, options);
  return withConnection(context, options, async (connection) => {
    const answer = await connection.events.sendEvent({
      namespace: options.namespace ?? '',
      eventBus: options.eventBus ?? '',
      eventSource,
      eventName,
      id: options.id ?? '',
      type: options.type ?? '',
      dataContentType: 'application/json',
      data: new TextEncoder().encode(data),
    });
    const note = answer.duplicate ? ' (was there already)' : '';
    context.stdout.write(`event ${answer.id} stored as number ${answer.sequence}${note}\n`);
    return EXIT.ok;
  });
}

async function eventData(context: CommandContext, options: SendFlags): Promise<string> {
  const [fromFile] =
    options.file === undefined ? [] : await readManifestTexts(context, [options.file]);
  const text = fromFile?.text ?? options.data ?? '{}';
  try {
    JSON.parse(text);
  } catch (cause) {
    const where = options.file ?? '--data';
    throw new ArgosyError('INVALID_ARGUMENT', `${where} is not JSON: ${(cause as Error).message}`);
  }
  return text;
}
