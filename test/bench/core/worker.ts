// One measurement in a process of its own: `node --expose-gc worker.ts WHAT SHAPE NODES` prints JSON.
import { argv, memoryUsage, resourceUsage, stdout, threadCpuUsage } from 'node:process';
import {
  initialState,
  step,
  workflowMachine,
  type Fact,
  type RunHeader,
} from '@argosy/core-workflow';
import { headerOf } from '@argosy/core-workflow/testing';
import { validateWorkflow } from '@argosy/model';
import { drive } from './drive.ts';
import type { CoreJob, CoreResult } from './job.ts';
import { SHAPES } from './shapes.ts';

/** The warm-up: enough for the compiler, and the same whatever the size that is measured. */
const WARM_UP_NODES = 10_000;
const WARM_UP_RUNS = 10;

/** How often a measurement is made; the median counts. */
const SAMPLES = 9;
/** A small run is driven several times for one sample, for the clock has steps of its own. */
const SAMPLE_NODES_MIN = 20_000;

function headerFor(shape: string, nodes: number): RunHeader {
  const make = SHAPES[shape];
  if (make === undefined) throw new Error(`no shape '${shape}': ${Object.keys(SHAPES).join(', ')}`);
  return headerOf(make(nodes));
}

function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('start this with node --expose-gc');
  globalThis.gc();
}

/**
 * CPU time of this thread, on which the collector works too (see the flags in job.ts): what one core
 * takes, whatever else the machine is doing.
 */
function measured<T>(work: () => T): { readonly value: T; readonly cpuMs: number } {
  const before = threadCpuUsage();
  const value = work();
  const { user, system } = threadCpuUsage(before);
  return { value, cpuMs: (user + system) / 1_000 };
}

function warmUp(shape: string): void {
  const header = headerFor(shape, WARM_UP_NODES);
  for (let run = 0; run < WARM_UP_RUNS; run += 1) drive(header);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Transitions a second, all of the core's work included: plan, decisions, state, tasks. */
function measureRun({ shape, nodes }: CoreJob): CoreResult {
  warmUp(shape);
  const header = headerFor(shape, nodes);
  const runs = Math.ceil(SAMPLE_NODES_MIN / nodes);
  const perTransition: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const { value, cpuMs } = measured(() => {
      let transitions = 0;
      for (let run = 0; run < runs; run += 1) transitions += drive(header).transitions;
      return transitions;
    });
    perTransition.push(cpuMs / value);
  }
  return { ms: median(perTransition) };
}

/** Reading a workflow of so many nodes into what runs are made from: validation, then the first step. */
function measurePlan({ shape, nodes }: CoreJob): CoreResult {
  const header = headerFor(shape, nodes);
  const validation = measured(() => validateWorkflow(header.manifest).length);
  if (validation.value > 0) throw new Error(`${shape} is not valid`);
  const submit = { kind: 'Submit', at: header.createdAtMs, run: header } as const;
  const plan = measured(() => step(initialState(), submit));
  return { ms: validation.cpuMs, planMs: plan.cpuMs };
}

/** Heap that a finished run holds on to, its compiled templates included, its manifest not. */
function measureHeap({ shape, nodes }: CoreJob): CoreResult {
  warmUp(shape);
  const header = headerFor(shape, nodes);
  collectGarbage();
  const before = memoryUsage().heapUsed;
  const { state } = drive(header);
  collectGarbage();
  return { bytes: (memoryUsage().heapUsed - before) / state.nodes.length };
}

/** Folding a recorded log, as after a crash: milliseconds for the whole of it. */
function measureFold({ shape, nodes }: CoreJob): CoreResult {
  warmUp(shape);
  const facts: Fact[] = [];
  drive(headerFor(shape, nodes), (more) => {
    for (const fact of more) facts.push(fact);
  });
  const times: number[] = [];
  for (let round = 0; round <= SAMPLES; round += 1) {
    const { cpuMs } = measured(() => {
      let state = initialState();
      for (const fact of facts) state = workflowMachine.evolve(state, fact);
      return state.nodes.length;
    });
    if (round > 0) times.push(cpuMs);
  }
  return { ms: median(times), count: facts.length };
}

/** One run too large to be repeated, without warm-up: time by the clock, and the most memory held. */
function measureOnce({ shape, nodes }: CoreJob): CoreResult {
  const header = headerFor(shape, nodes);
  const beganMs = performance.now();
  const { state, transitions } = drive(header);
  const ms = performance.now() - beganMs;
  const peakBytes = resourceUsage().maxRSS * 1_024;
  collectGarbage();
  const bytes = memoryUsage().heapUsed / state.nodes.length;
  return { ms, count: transitions, bytes, peakBytes };
}

const work = {
  run: measureRun,
  plan: measurePlan,
  heap: measureHeap,
  fold: measureFold,
  once: measureOnce,
};
const [, , what, shape = '', nodes = ''] = argv;
const job: CoreJob = { what: what as CoreJob['what'], shape, nodes: Number(nodes) };
stdout.write(`${JSON.stringify(work[job.what](job))}\n`);
