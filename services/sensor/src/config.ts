export interface SensorConfig {
  /** Address of the gRPC server; port 0 takes a free one. */
  readonly rpcHost: string;
  readonly rpcPort: number;
  /** Partitions of workflow runs; the same number in every service. */
  readonly partitions: number;
}
