// Covers the data of webhook events. Leaves out routing, authentication, size limits and answers, which
// are the HTTP server's.
import { describe, expect, it } from 'vitest';
import { unwrap } from '@argosy/base';
import { parseQuery } from './query.ts';
import { webhookEventData, type WebhookRequest } from './webhook.ts';

const request = (more: Partial<WebhookRequest>): WebhookRequest => ({
  method: 'POST',
  query: '',
  headers: { 'content-type': ['application/json'] },
  bodyText: '{}',
  ...more,
});
const data = (more: Partial<WebhookRequest>): Record<string, unknown> =>
  JSON.parse(unwrap(webhookEventData(request(more)))) as Record<string, unknown>;

describe('the data of a webhook event', () => {
  it('has the query of a GET as lists', () => {
    expect(data({ method: 'GET', query: 'a=b%20b&a=c+c&d' })['body']).toEqual({
      a: ['b b', 'c c'],
      d: [''],
    });
    expect(data({ method: 'GET' })['body']).toEqual({});
  });
  it('has the JSON of a POST byte for byte', () => {
    const text = unwrap(webhookEventData(request({ bodyText: '{"n": 1.0,\n"a":[ ]}' })));
    expect(text).toContain('"body":{"n": 1.0,\n"a":[ ]}');
  });
  it('reads a form only under exactly its content type (rule 51)', () => {
    const form = { 'Content-Type': ['application/x-www-form-urlencoded'] };
    expect(data({ headers: form, bodyText: 'a=1&b=%C3%A9' })['body']).toEqual({
      a: ['1'],
      b: ['é'],
    });
    const charset = { 'Content-Type': ['application/x-www-form-urlencoded; charset=utf-8'] };
    expect(webhookEventData(request({ headers: charset, bodyText: 'a=1' })).ok).toBe(false);
  });
  it.each([
    ['an empty body', { bodyText: '' }],
    ['a body that is no JSON', { bodyText: '{' }],
    ['a method that carries no data', { method: 'PUT' }],
  ])('refuses %s (rule 51)', (_, more) => {
    expect(webhookEventData(request(more)).ok).toBe(false);
  });
  it('has headers under canonical names, Authorization masked, Host left out', () => {
    const headers = { 'x-my-header': ['1', '2'], AUTHORIZATION: ['Bearer secret'], host: ['h'] };
    expect(data({ headers })['header']).toEqual({
      'X-My-Header': ['1', '2'],
      Authorization: ['*** Masked Auth Secret ***'],
    });
  });
  it('has the metadata of the event source', () => {
    expect(data({ metadata: { team: 'x' } })['metadata']).toEqual({ team: 'x' });
    expect('metadata' in data({})).toBe(false);
  });
});

describe('queries', () => {
  it('lose pairs that are broken, as in Go', () => {
    expect(parseQuery('a=%zz&b=1;c=2&d=3&=4')).toEqual({ d: ['3'], '': ['4'] });
  });
});
