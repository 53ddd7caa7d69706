import { err, ok, type Result } from '@argosy/base';
import { gjsonGet, sjsonSet } from '@argosy/lang';
import type { TriggerParameter } from '../manifest/sensor.ts';
import { resolveParameter, type FiringEvents, type ParameterValue } from './resolve.ts';

/** Writes a value: as a string, or as it is when raw data is wanted and it was no string. */
function write(
  json: string,
  parameter: TriggerParameter,
  value: ParameterValue,
): Result<string, string> {
  const isRaw = parameter.src?.useRawData === true && value.type !== 'String';
  const written = sjsonSet(json, parameter.dest, isRaw ? { raw: value.text } : value.text);
  return written.ok ? written : err(`parameter with dest "${parameter.dest}": ${written.error}`);
}

/** The value joined with what stands at the destination, which makes it a string. */
function joined(
  json: string,
  parameter: TriggerParameter,
  value: ParameterValue,
): Result<ParameterValue, string> {
  switch (parameter.operation) {
    case undefined:
    case '':
    case 'overwrite':
      return ok(value);
    case 'append':
    case 'prepend': {
      const current = gjsonGet(json, parameter.dest);
      if (!current.exists) return ok(value);
      const isAppend = parameter.operation === 'append';
      const text = isAppend ? current.text + value.text : value.text + current.text;
      return ok({ text, type: 'String' });
    }
    default:
      return err(`unsupported trigger parameter operation: ${String(parameter.operation)}`);
  }
}

/**
 * Applies parameters, in order, to the JSON text of a resource or a trigger template. Bytes that no
 * parameter touches stay as they are.
 */
export function applyParameters(
  json: string,
  parameters: readonly TriggerParameter[],
  events: FiringEvents,
): Result<string, string> {
  let result = json;
  for (const parameter of parameters) {
    if (parameter.src === undefined)
      return err(`parameter with dest "${parameter.dest}" has no src`);
    const value = resolveParameter(parameter.src, events);
    if (!value.ok) return value;
    if (value.value === undefined) continue;
    const text = joined(result, parameter, value.value);
    if (!text.ok) return text;
    const written = write(result, parameter, text.value);
    if (!written.ok) return written;
    result = written.value;
  }
  return ok(result);
}

export interface PayloadOptions {
  /**
   * An empty `dest` makes the value the whole payload and the rest is ignored. So it is for the HTTP
   * trigger alone.
   */
  readonly allowsWholeBody?: boolean;
}

/** Builds the payload of a trigger from its `payload` parameters; operations mean nothing here. */
export function buildPayload(
  parameters: readonly TriggerParameter[],
  events: FiringEvents,
  options: PayloadOptions = {},
): Result<string, string> {
  let payload = '{}';
  for (const parameter of parameters) {
    if (parameter.src === undefined)
      return err(`parameter with dest "${parameter.dest}" has no src`);
    const value = resolveParameter(parameter.src, events);
    if (!value.ok) return value;
    if (value.value === undefined) continue;
    if (parameter.dest === '' && options.allowsWholeBody === true) return ok(value.value.text);
    const written = write(payload, parameter, value.value);
    if (!written.ok) return written;
    payload = written.value;
  }
  return ok(payload);
}
