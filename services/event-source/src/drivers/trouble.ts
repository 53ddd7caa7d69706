import type { DriverContext, DriverHealth } from './driver.ts';

/** What is wrong with a running driver at present, by topic, such as its connection or the bus. */
export interface Trouble {
  /** `undefined`: that topic is well again. A topic's coming and going is one line in the log each. */
  tell(topic: string, reason: string | undefined): void;
  health(): DriverHealth;
}

export function createTrouble(
  context: Pick<DriverContext, 'logger' | 'healthChanged' | 'eventName'>,
): Trouble {
  const reasons = new Map<string, string>();
  return {
    tell(topic, reason) {
      const before = reasons.get(topic);
      if (reason === before) return;
      const { eventName } = context;
      if (reason === undefined) {
        reasons.delete(topic);
        context.logger.info({ eventName, topic }, 'the event source is well again');
      } else {
        reasons.set(topic, reason);
        // A reason that only changes its words is told by the health alone.
        if (before === undefined) {
          context.logger.warn({ eventName, topic, reason }, 'the event source has trouble');
        }
      }
      context.healthChanged();
    },
    health() {
      if (reasons.size === 0) return { kind: 'Healthy' };
      return { kind: 'Failing', reason: Array.from(reasons.values()).join('; ') };
    },
  };
}
