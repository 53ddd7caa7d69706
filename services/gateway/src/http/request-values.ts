import { ArgosyError } from '@argosy/base';
import type { FastifyRequest } from 'fastify';
import type { Sender } from '../submission/commands.ts';

/** Bodies, queries and parameters come from outside: every field is read through these. */
export type Fields = Readonly<Record<string, unknown>>;

/** A JSON object, or the empty one when there is none. @throws ArgosyError INVALID_ARGUMENT */
export function fieldsOf(value: unknown, what = 'The body'): Fields {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Fields;
  throw new ArgosyError('INVALID_ARGUMENT', `${what} must be a JSON object.`);
}

/** @throws ArgosyError INVALID_ARGUMENT when it is there and not text (or a list of it: the first). */
export function textField(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && typeof value[0] === 'string') return value[0];
  throw new ArgosyError('INVALID_ARGUMENT', `The field "${name}" must be text.`);
}

/** `true` and `false` as JSON or text. @throws ArgosyError INVALID_ARGUMENT */
export function flagField(fields: Fields, name: string): boolean {
  const value = fields[name];
  if (value === undefined || value === null || value === '') return false;
  if (value === true || value === 'true' || value === '1') return true;
  if (value === false || value === 'false' || value === '0') return false;
  throw new ArgosyError('INVALID_ARGUMENT', `The field "${name}" must be true or false.`);
}

/** A whole number, as JSON or text. @throws ArgosyError INVALID_ARGUMENT */
export function integerField(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  if (value === undefined || value === null || value === '') return undefined;
  const number = typeof value === 'number' ? value : Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new ArgosyError('INVALID_ARGUMENT', `The field "${name}" must be a whole number.`);
}

/** An RFC 3339 time, or seconds since the epoch as protobuf's JSON has it, in milliseconds. */
export function timeField(fields: Fields, name: string): number | undefined {
  const text = textField(fields, name);
  if (text === undefined) return undefined;
  const atMs = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text);
  if (!Number.isNaN(atMs)) return atMs;
  const message = `The field "${name}" must be a time such as 2030-01-31T12:00:00Z.`;
  throw new ArgosyError('INVALID_ARGUMENT', message);
}

/** `["name=value", …]` as Argo's clients send parameters. @throws ArgosyError INVALID_ARGUMENT */
export function pairsField(fields: Fields, name: string): Record<string, string> {
  const value = fields[name];
  if (value === undefined || value === null) return {};
  if (!Array.isArray(value)) {
    throw new ArgosyError('INVALID_ARGUMENT', `The field "${name}" must be a list of name=value.`);
  }
  return pairsOf(value.map(String), name);
}

/** `a=b,c=d` as Argo's clients send labels. @throws ArgosyError INVALID_ARGUMENT */
export function pairListField(fields: Fields, name: string): Record<string, string> {
  const text = textField(fields, name);
  return text === undefined ? {} : pairsOf(text.split(','), name);
}

function pairsOf(items: readonly string[], name: string): Record<string, string> {
  const pairs = items.map((item) => {
    const at = item.indexOf('=');
    if (at > 0) return [item.slice(0, at), item.slice(at + 1)] as const;
    const message = `The field "${name}" holds "${item}", which is not name=value.`;
    throw new ArgosyError('INVALID_ARGUMENT', message);
  });
  return Object.fromEntries(pairs);
}

/** The path parameter. */
export function pathValue(request: FastifyRequest, name: string): string {
  return textField(request.params as Fields, name) ?? '';
}

/** The query as fields. */
export function queryOf(request: FastifyRequest): Fields {
  return request.query as Fields;
}

/** Who sends the request, and in which trace. */
export function senderOf(request: FastifyRequest): Sender {
  const traceparent = request.headers['traceparent'];
  return {
    user: request.user,
    ...(typeof traceparent === 'string' ? { traceparent } : {}),
  };
}

declare module 'fastify' {
  interface FastifyRequest {
    /** As the authentication named the caller; empty where none is asked for. */
    user: string;
  }
}
