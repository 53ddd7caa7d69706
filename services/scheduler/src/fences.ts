import { partitionOf } from '@argosy/base';

/**
 * Under which ownership this replica works on each of its partitions. The number grows with every owner of a partition,
 * so that in the log of a run the writers can be told apart: what is older has nothing to say any more.
 */
export interface Fences {
  begin(partition: number, fence: number): void;
  end(partition: number): void;
  /** Undefined when the run belongs to another replica. */
  of(uid: string): number | undefined;
}

export function createFences(partitions: number): Fences {
  const fences = new Map<number, number>();
  return {
    begin: (partition, fence) => void fences.set(partition, fence),
    end: (partition) => void fences.delete(partition),
    of: (uid) => fences.get(partitionOf(uid, partitions)),
  };
}
