import { BUCKETS, CLUSTER_NAMESPACE, resourceKey } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { Bus } from '@argosy/bus';

/** Where the number of partitions of an installation is written down at its first start. */
const KEY = resourceKey('installation', CLUSTER_NAMESPACE, 'partitions');

/**
 * Makes sure that all services count the same partitions: with different numbers they would look for the same run in
 * different places, and runs would be stranded.
 * @throws ArgosyError FAILED_PRECONDITION that names both numbers.
 */
export async function agreeOnPartitions(bus: Bus, partitions: number): Promise<void> {
  const bucket = await bus.keyValue(BUCKETS.resources);
  try {
    await bucket.create(KEY, new TextEncoder().encode(JSON.stringify({ partitions })));
    return;
  } catch (thrown) {
    if (ArgosyError.fromUnknown(thrown).code !== 'ALREADY_EXISTS') throw thrown;
  }
  const entry = await bucket.get(KEY);
  const text = new TextDecoder().decode(entry?.value);
  const agreed = (JSON.parse(text) as { readonly partitions: number }).partitions;
  if (agreed === partitions) return;
  throw new ArgosyError(
    'FAILED_PRECONDITION',
    `this installation has ${agreed} partitions, and this service is set to ${partitions}: ` +
      `set ARGOSY_PARTITIONS=${agreed} (the number cannot be changed later)`,
  );
}
