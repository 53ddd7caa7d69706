import { afterAll, beforeAll, describe } from 'vitest';
import { describeConsume } from './consume-contract.ts';
import type { BusFactory, BusUnderTest } from './fixture.ts';
import { describeKeyValue } from './key-value-contract.ts';
import { describeLeases } from './lease-contract.ts';
import { describePublish } from './publish-contract.ts';
import { describeRead } from './read-contract.ts';

export { deleteStream } from './delete-stream.ts';
export type { BusFactory, BusUnderTest } from './fixture.ts';

/**
 * What every bus has to do; run on the real one and on its in-memory twin, so that tests on the
 * twin mean something. The bus that the factory makes has the topology applied.
 */
export function describeBusContract(name: string, factory: BusFactory): void {
  describe(name, () => {
    let current: BusUnderTest | undefined;
    const under = (): BusUnderTest => {
      if (current === undefined) throw new Error('the bus is not there yet');
      return current;
    };
    beforeAll(async () => {
      current = await factory();
    });
    afterAll(async () => {
      await current?.close();
    });
    describePublish(under);
    describeConsume(under);
    describeRead(under);
    describeKeyValue(under);
    describeLeases(under);
  });
}
