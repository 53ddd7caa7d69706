// Covers the agreement on the number of partitions. Leaves out services that start at the same moment.
import { createMemoryBus } from '@argosy/bus';
import { expect, it } from 'vitest';
import { agreeOnPartitions } from './partitions.ts';

it('the first service to start says how many partitions there are, and others must say the same', async () => {
  const bus = createMemoryBus();
  await agreeOnPartitions(bus, 8);
  await agreeOnPartitions(bus, 8);
  await expect(agreeOnPartitions(bus, 64)).rejects.toMatchObject({
    code: 'FAILED_PRECONDITION',
    message: expect.stringContaining('set ARGOSY_PARTITIONS=8') as string,
  });
});
