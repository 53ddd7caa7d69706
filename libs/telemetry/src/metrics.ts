import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Instrument, InstrumentSpec, Metrics } from './types.ts';

/** Seconds; from a hop on the bus to a long task. */
const DEFAULT_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300];

/** The registry of one process. With `processMetrics` also memory, CPU and event-loop lag of it. */
export function createMetrics(options: { readonly processMetrics?: boolean } = {}): Metrics {
  const registry = new Registry();
  const instruments = new Map<string, Instrument>();
  const sources: (() => string)[] = [];
  if (options.processMetrics === true) collectDefaultMetrics({ register: registry });
  return {
    instrument(spec) {
      const known = instruments.get(spec.name);
      if (known !== undefined) return known;
      const made = makeInstrument(registry, spec);
      instruments.set(spec.name, made);
      return made;
    },
    async render() {
      const own = await registry.metrics();
      return [own, ...sources.map((source) => source())].join('');
    },
    addSource: (source) => void sources.push(source),
  };
}

function makeInstrument(registry: Registry, spec: InstrumentSpec): Instrument {
  const labelNames = [...(spec.labels ?? [])];
  const common = { name: spec.name, help: spec.help, labelNames, registers: [registry] };
  const wrongKind = (): never => {
    throw new Error(`${spec.name} is a ${spec.kind}: this operation does not fit it`);
  };
  switch (spec.kind) {
    case 'counter': {
      const counter = new Counter(common);
      // A counter without labels is there from the start, so that a rate has a zero to begin with.
      if (labelNames.length === 0) counter.inc(0);
      return {
        add: (value, labels = {}) => {
          counter.inc(labels, value);
        },
        set: wrongKind,
        observe: wrongKind,
      };
    }
    case 'gauge': {
      const gauge = new Gauge(common);
      return {
        add: (value, labels = {}) => {
          gauge.inc(labels, value);
        },
        set: (value, labels = {}) => {
          gauge.set(labels, value);
        },
        observe: wrongKind,
      };
    }
    case 'histogram': {
      const histogram = new Histogram({
        ...common,
        buckets: [...(spec.buckets ?? DEFAULT_BUCKETS)],
      });
      return {
        add: wrongKind,
        set: wrongKind,
        observe: (value, labels = {}) => {
          histogram.observe(labels, value);
        },
      };
    }
  }
}
