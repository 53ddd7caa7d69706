import type {
  ExtendedGroupProtocolSubscription,
  GroupPartitionsAssigner,
  GroupPartitionsAssignments,
  GroupProtocolSubscription,
} from '@platformatic/kafka';
import type { RebalanceStrategy } from './settings.ts';

/** How a group that this member leads shares out its partitions; all members must name the same way. */
export function groupProtocolOf(strategy: RebalanceStrategy): {
  readonly protocols: GroupProtocolSubscription[];
  readonly partitionAssigner?: GroupPartitionsAssigner;
} {
  switch (strategy) {
    case 'range':
      return { protocols: [{ name: 'range', version: 1 }], partitionAssigner: assignRanges };
    case 'roundrobin':
      return { protocols: [{ name: 'roundrobin', version: 1 }] };
    case 'sticky':
      return { protocols: [{ name: 'cooperative-sticky', version: 3 }] };
  }
}

/** Each member gets neighbouring partitions of each topic, none two more than another. */
export const assignRanges: GroupPartitionsAssigner = (_leader, members, topics, metadata) => {
  const shares: GroupPartitionsAssignments[] = Array.from(members.keys())
    .toSorted()
    .map((memberId) => ({ memberId, assignments: new Map() }));
  for (const topic of topics) {
    const readers = shares.filter(({ memberId }) => reads(members.get(memberId), topic));
    const count = metadata.topics.get(topic)?.partitionsCount ?? 0;
    readers.forEach(({ assignments }, index) => {
      const from = Math.ceil((count * index) / readers.length);
      const to = Math.ceil((count * (index + 1)) / readers.length);
      const partitions = Array.from({ length: to - from }, (_, step) => from + step);
      assignments.set(topic, { topic, partitions });
    });
  }
  return shares;
};

function reads(member: ExtendedGroupProtocolSubscription | undefined, topic: string): boolean {
  return member?.topics?.includes(topic) ?? false;
}
