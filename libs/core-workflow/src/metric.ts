/** One value for the metrics of the installation, told when a node or a run ends, or begins. */
export interface MetricSample {
  /** As in the manifest; Argo prefixes it with `argo_workflows_`. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly { readonly key: string; readonly value: string }[];
  readonly value: MetricValue;
}

export type MetricValue =
  | { readonly kind: 'Counter'; readonly value: number }
  | {
      readonly kind: 'Gauge';
      readonly value: number;
      readonly operation: 'Set' | 'Add' | 'Sub';
    }
  /** The seconds since an instant, until the same metric is told as a Gauge. */
  | { readonly kind: 'RunningGauge'; readonly sinceMs: number }
  | {
      readonly kind: 'Histogram';
      readonly value: number;
      /** Upper bounds in ascending order. */
      readonly buckets: readonly number[];
    };
