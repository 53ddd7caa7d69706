// Covers that facts which were stored keep their meaning: recorded logs of runs lead to the very workflow that they led to
// when they were recorded, at every moment. Leaves out new decisions (libs/core-workflow) and snapshots (there as well).
import { encodeFacts } from '@argosy/api';
import {
  owedOf,
  renderWorkflow,
  step,
  workflowMachine,
  type Input,
  type State,
} from '@argosy/core-workflow';
import { describe, expect, it } from 'vitest';
import { digestOf, factsOf, foldInto, readLogs, recordLog } from './log-file.ts';

const logs = readLogs();

/** Logs that there are at least: a test over no logs would say nothing. */
const LOGS_MIN = 12;

it('there are recorded logs', () => {
  expect(logs.length).toBeGreaterThanOrEqual(LOGS_MIN);
});

describe.each(logs)('$name', ({ name, about, messages, digests, rendered }) => {
  const batches = messages.map(factsOf);
  const fold = (): State => foldInto(workflowMachine.initial(), batches.flat());

  it('leads to the workflow that was recorded, byte for byte', () => {
    expect(JSON.stringify(renderWorkflow(fold()))).toBe(JSON.stringify(rendered));
  });

  it('leads through the states that were recorded', () => {
    let state = workflowMachine.initial();
    const passed = batches.map((facts) => {
      state = foldInto(state, facts);
      return digestOf(state);
    });
    expect(passed).toEqual(digests);
  });

  it('means the same in one batch and in batches of one fact, and after another encoding', () => {
    const single = batches.flat().map((fact) => [fact]);
    const whole = recordLog(name, about, [batches.flat()]);
    const apart = recordLog(name, about, single);
    expect(apart.rendered).toEqual(whole.rendered);
    expect(JSON.stringify(whole.rendered)).toBe(JSON.stringify(rendered));
    const again = factsOf(Buffer.from(encodeFacts(batches.flat())).toString('base64'));
    expect(again).toEqual(batches.flat());
  });

  it('leads to the same state, owing the same, every time', () => {
    const [first, second] = [fold(), fold()];
    expect(digestOf(first)).toBe(digestOf(second));
    expect([...owedOf(first)]).toEqual([...owedOf(second)]);
  });

  it('leads at every moment to the same decisions, twice', () => {
    const at = 2_000_000_000_000;
    const inputs: readonly Input[] = [
      { kind: 'Advance', at },
      { kind: 'Tick', at },
      { kind: 'Control', at, command: { kind: 'Stop', message: 'enough' } },
      { kind: 'Control', at, command: { kind: 'Retry' } },
    ];
    for (let end = 1; end <= batches.length; end += Math.ceil(batches.length / 5)) {
      const facts = batches.slice(0, end).flat();
      for (const input of inputs) {
        const decide = (): unknown => step(foldInto(workflowMachine.initial(), facts), input);
        const [first, second] = [decide(), decide()] as readonly ReturnType<typeof step>[];
        const factsOfStep = (result: typeof first): unknown => {
          return result?.ok === true ? result.value.facts : result?.error;
        };
        expect(factsOfStep(first)).toEqual(factsOfStep(second));
      }
    }
  });
});
