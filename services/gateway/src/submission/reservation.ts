import { BUCKETS, commandSubject, factSubject, runKey, STREAMS } from '@argosy/api';
import { ArgosyError, partitionOf } from '@argosy/base';
import type { Bus } from '@argosy/bus';
import type { RunSummary } from '@argosy/core-workflow';
import { RESERVATION_VOID_MS } from '../config.ts';
import { jsonBytes, textOfBytes } from '../text.ts';

/** Names of runs, taken by making their entry in the index. */
export interface Reservations {
  /** @throws ArgosyError ALREADY_EXISTS when another run has the name. */
  take(summary: RunSummary): Promise<void>;
  /** Gives a name back for a run that was refused. */
  giveBack(summary: RunSummary): Promise<void>;
}

export async function openReservations(bus: Bus, partitions: number): Promise<Reservations> {
  const bucket = await bus.keyValue(BUCKETS.runs);

  /** Taken for a run whose command never reached the bus, because its sender died in between. */
  async function isVoid(holder: RunSummary): Promise<boolean> {
    if (holder.phase !== '') return false;
    if (Date.now() - Date.parse(holder.createdAt) < RESERVATION_VOID_MS) return false;
    const partition = partitionOf(holder.uid, partitions);
    const facts = await bus.last(STREAMS.facts, factSubject(partition, holder.uid));
    if (facts !== undefined) return false;
    const submit = commandSubject(partition, holder.uid, 'submit');
    return (await bus.last(STREAMS.commands, submit)) === undefined;
  }

  return {
    async take(summary) {
      const key = runKey(summary.namespace, summary.name);
      const value = jsonBytes(summary);
      try {
        await bucket.create(key, value);
        return;
      } catch (error) {
        if (ArgosyError.fromUnknown(error).code !== 'ALREADY_EXISTS') throw error;
      }
      const entry = await bucket.get(key);
      if (entry?.value !== undefined) {
        const holder = JSON.parse(textOfBytes(entry.value)) as RunSummary;
        if (!(await isVoid(holder))) throw taken(summary);
      }
      try {
        await bucket.update(key, value, entry?.revision ?? 0);
      } catch (error) {
        if (ArgosyError.fromUnknown(error).code === 'CONFLICT') throw taken(summary);
        throw error;
      }
    },
    async giveBack(summary) {
      const key = runKey(summary.namespace, summary.name);
      const entry = await bucket.get(key);
      if (entry?.value === undefined) return;
      const holder = JSON.parse(textOfBytes(entry.value)) as RunSummary;
      if (holder.uid === summary.uid && holder.phase === '')
        await bucket.delete(key, entry.revision);
    },
  };
}

function taken({ name, namespace }: RunSummary): ArgosyError {
  const message =
    `Workflow "${name}" exists already in namespace "${namespace}": choose another name, ` +
    'or set metadata.generateName instead of metadata.name.';
  return new ArgosyError('ALREADY_EXISTS', message);
}
