import { describe, expect, it } from 'vitest';
import { holdLease, leaseOwner, tryLease } from '../lease.ts';
import { bytesOf, codeOf, pauseMs, unique } from './fixture.ts';
import type { BusUnderTest } from './fixture.ts';

/** Leases on the bucket `leases`. */
export function describeLeases(under: () => BusUnderTest): void {
  describe('leases', () => {
    it('gives a lease to one owner, and to the next, with a higher fence, when it is released', async () => {
      const { bus, other } = under();
      const key = unique('lease');
      const one = await tryLease(bus, key, { ownerId: 'one' });
      expect(await tryLease(other, key, { ownerId: 'two' })).toBeUndefined();
      expect(await leaseOwner(other, key)).toBe('one');
      const waiting = holdLease(other, key, { ownerId: 'two', signal: AbortSignal.timeout(9_000) });
      await one?.release();
      const two = await waiting;
      expect(one?.signal.aborted).toBe(true);
      expect(two.fence).toBeGreaterThan(one?.fence ?? Infinity);
      await two.release();
      expect(await leaseOwner(bus, key)).toBeUndefined();
    });

    it('keeps a lease by renewing it for longer than its time to live', async () => {
      const { bus, other } = under();
      const key = unique('lease');
      const lease = await tryLease(bus, key, { ownerId: 'one', ttlMs: 2_000 });
      await pauseMs(4_500);
      expect(lease?.signal.aborted).toBe(false);
      expect(await tryLease(other, key, { ownerId: 'two' })).toBeUndefined();
      await lease?.release();
    });

    it('tells the owner when somebody else took the lease', async () => {
      const { bus, other } = under();
      const key = unique('lease');
      const lease = await tryLease(bus, key, { ownerId: 'one', ttlMs: 2_000 });
      const bucket = await other.keyValue('leases');
      await bucket.put(key, bytesOf('usurper'));
      const deadlineMs = Date.now() + 3_000;
      while (lease?.signal.aborted === false && Date.now() < deadlineMs) await pauseMs(20);
      expect(lease?.signal.aborted).toBe(true);
      await lease?.release();
      expect(await leaseOwner(bus, key)).toBe('usurper');
    });

    it('stops waiting when the signal is aborted', async () => {
      const { bus, other } = under();
      const key = unique('lease');
      const lease = await tryLease(bus, key, { ownerId: 'one' });
      const signal = AbortSignal.timeout(100);
      expect(await codeOf(holdLease(other, key, { ownerId: 'two', signal }))).toBe('CANCELLED');
      await lease?.release();
    });
  });
}
