// Covers a run's history and the run as it was, by REST and gRPC, on the real core's facts. Leaves out the texts of
// moments, and how a terminal shows it.
import { WorkflowService } from '@argosy/api';
import { createRpcClient } from '@argosy/rpc';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { helloWorkflow, startHarness, TOKEN, type Harness } from './testing/harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(async () => {
  await harness.stop();
});

const BASE = '/api/v1/workflows/default';

async function begin(name: string): Promise<void> {
  const workflow = helloWorkflow({ name });
  const { status } = await harness.call('POST', BASE, { workflow });
  expect(status).toBe(200);
}

interface Item {
  readonly sequence: number;
  readonly kind: string;
  readonly what: string;
  readonly offsetMs: number;
  readonly node?: { readonly displayName: string };
  readonly fact?: { readonly kind: string };
}

async function history(
  path: string,
): Promise<{ readonly items: readonly Item[]; readonly metadata: { readonly continue?: string } }> {
  const { status, body } = await harness.call('GET', `${BASE}/${path}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as unknown as Awaited<ReturnType<typeof history>>;
}

const kindsOf = (items: readonly Item[]): readonly string[] => items.map(({ kind }) => kind);

describe('GET …/history', () => {
  it('tells every fact in order, with the node it is about', async () => {
    await begin('h');
    await harness.scheduler.finishTask({ phase: 'Failed', exitCode: 3 });
    const { items, metadata } = await history('h/history');
    expect(metadata).toEqual({});
    expect(items).toMatchObject([
      { sequence: 1, kind: 'RunSubmitted', what: 'submitted', offsetMs: 0 },
      { sequence: 2, kind: 'RunStarted', phase: 'Running' },
      {
        sequence: 3,
        kind: 'NodeCreated',
        phase: 'Pending',
        node: { displayName: 'h', type: 'Pod', templateName: 'main' },
      },
      {
        sequence: 4,
        kind: 'NodeFinished',
        what: 'finished',
        phase: 'Failed',
        message: 'main: Error (exit code 3)',
      },
      { sequence: 5, kind: 'RunFinished', phase: 'Failed' },
    ]);
    expect(items.every(({ fact }) => fact === undefined)).toBe(true);
  });

  it('takes a part of it: of a node, between two moments, with the facts themselves', async () => {
    await begin('part');
    await harness.scheduler.finishTask();
    const ofNode = await history('part/history?node=part');
    expect(kindsOf(ofNode.items)).toEqual(['NodeCreated', 'NodeFinished']);
    const between = await history('part/history?since=%232&until=3&facts=true');
    expect(between.items.map(({ fact }) => fact?.kind)).toEqual(['RunStarted', 'NodeCreated']);
    expect((await history('part/history?node=nobody')).items).toEqual([]);
    expect((await history('part/history?since=-0s')).items).toEqual([]);
  });

  it('with a limit says where to go on', async () => {
    await begin('pages');
    const first = await history('pages/history?limit=2');
    expect(kindsOf(first.items)).toEqual(['RunSubmitted', 'RunStarted']);
    const more = encodeURIComponent(first.metadata.continue ?? '');
    const rest = await history(`pages/history?limit=2&since=${more}`);
    expect(rest).toMatchObject({ metadata: {}, items: [{ sequence: 3, kind: 'NodeCreated' }] });
  });

  it('followed is a stream that ends with the run', async () => {
    await begin('live');
    const response = await harness.fetch(`${BASE}/live/history?follow=true`);
    const reading = response.text();
    await harness.scheduler.finishTask();
    const lines = (await reading).trim().split('\n');
    const kinds = lines.map((line) => (JSON.parse(line) as { result: Item }).result.kind);
    expect(kinds.at(0)).toBe('RunSubmitted');
    expect(kinds.at(-1)).toBe('RunFinished');
  });

  it('of an unknown run is 404, and with an unreadable moment 400', async () => {
    expect((await harness.call('GET', `${BASE}/none/history`)).status).toBe(404);
    await begin('a');
    const { status, body } = await harness.call('GET', `${BASE}/a/history?since=noon`);
    expect(status).toBe(400);
    expect(body['message']).toContain('"noon" is no moment of a run');
  });
});

describe('a run as it was', () => {
  it('is Argo’s object folded up to there, though the run has gone on', async () => {
    await begin('past');
    await harness.scheduler.finishTask();
    const at = async (moment: string): Promise<object> =>
      (await harness.call('GET', `${BASE}/past?at=${encodeURIComponent(moment)}`)).body;
    expect(await at('#2')).toMatchObject({
      metadata: { name: 'past', labels: { 'workflows.argoproj.io/completed': 'false' } },
      status: { phase: 'Running', finishedAt: null },
    });
    expect(await at('#3')).toMatchObject({ status: { nodes: { past: { phase: 'Pending' } } } });
    expect(await at('5')).toMatchObject({ status: { phase: 'Succeeded' } });
    expect(await at('-0s')).toMatchObject({ status: { phase: 'Succeeded' } });
  });

  it('before it was there, beyond its facts and in the future is refused with the reason', async () => {
    await begin('edge');
    const refused = async (moment: string): Promise<unknown> => {
      const answer = await harness.call('GET', `${BASE}/edge?at=${encodeURIComponent(moment)}`);
      expect(answer.status).toBe(400);
      return answer.body['message'];
    };
    expect(await refused('2001-01-01T00:00:00Z')).toMatch(
      /"edge" was not there then: it began at 2/,
    );
    expect(await refused('#99')).toBe('Workflow "edge" has 3 facts: there is no #99.');
    expect(await refused('+1h')).toMatch(/has not come yet/);
    expect(await refused('soon')).toMatch(/is no moment of a run/);
  });

  it('comes by gRPC with the number of its last fact, and so does the history', async () => {
    await begin('rpc');
    await harness.scheduler.finishTask();
    const client = createRpcClient(WorkflowService, harness.gateway.rpcAddress, { token: TOKEN });
    try {
      const then = await client.getWorkflow({ name: 'rpc', at: '#3' });
      expect(then).toMatchObject({
        sequence: 3n,
        workflow: { summary: { phase: 'Running' }, nodes: [{ phase: 'Pending' }] },
      });
      expect(then.workflow?.summary?.finishedAt).toBeUndefined();
      const kinds: string[] = [];
      const request = { name: 'rpc', follow: true, includeFacts: true };
      for await (const { entries } of client.getWorkflowHistory(request)) {
        for (const entry of entries) {
          const fact = JSON.parse(new TextDecoder().decode(entry.factJson)) as { kind: string };
          expect(fact.kind).toBe(entry.kind);
          kinds.push(`${entry.sequence} ${entry.kind}`);
        }
      }
      expect(kinds).toEqual([
        '1 RunSubmitted',
        '2 RunStarted',
        '3 NodeCreated',
        '4 NodeFinished',
        '5 RunFinished',
      ]);
    } finally {
      client.close();
    }
  });
});
