import type { Synchronization, Template, Workflow } from '@argosy/model';
import { createRandom, type Random } from '../random.ts';
import type { Fault, LockLimits, Scenario } from '../scenario.ts';

/** How many scenarios have locks. */
const LOCKED_CHANCE = 0.25;
const CONFIG_MAP = 'limits';
const CHANGE_SPAN_MS = 90_000;

/**
 * Puts locks into some scenarios. A run's own locks, those of each composite template and those of leaves are different
 * ones, and whoever holds some asks only for locks further inside: nobody can wait for somebody who waits for it.
 */
export function withLocks(scenario: Scenario): Scenario {
  const random = createRandom(scenario.seed, 'locks');
  if (!random.chance(LOCKED_CHANCE)) return scenario;
  const keys = new Set<string>();
  const shop: LockShop = { random, keys, scenario };
  const workflows = scenario.workflows.map((workflow) => lockedWorkflow(shop, workflow));
  const faults = scenario.faults.length === 0 ? [] : makeLockFaults(random);
  return {
    ...scenario,
    workflows,
    locks: makeLimits(random, [...keys]),
    faults: [...scenario.faults, ...faults],
  };
}

interface LockShop {
  readonly random: Random;
  /** Keys of the semaphores that are used. */
  readonly keys: Set<string>;
  readonly scenario: Scenario;
}

function lockedWorkflow(shop: LockShop, workflow: Workflow): Workflow {
  const { spec } = workflow;
  const templates = (spec.templates ?? []).map((template, position) => {
    return lockedTemplate(shop, template, position);
  });
  const ofRun = shop.random.chance(0.4) ? { synchronization: makeLocks(shop, 'run') } : {};
  return { ...workflow, spec: { ...spec, ...ofRun, templates } };
}

function lockedTemplate(shop: LockShop, template: Template, position: number): Template {
  const { parallelism: _, ...unlimited } = template;
  // Who has a place and waits for a lock must not be waited for by who has the lock and waits for a place.
  const bare = callees(template).every(isLeaf) ? template : unlimited;
  if (!mayLock(shop, template) || !shop.random.chance(0.45)) return bare;
  const level = callees(template).length === 0 ? 'leaf' : `level${position}`;
  return { ...bare, synchronization: makeLocks(shop, level) };
}

/** Daemons keep their locks as long as what encloses them lasts; the end of what hangs depends on when it began. */
function mayLock({ scenario }: LockShop, { name = '', daemon }: Template): boolean {
  return daemon !== true && !name.startsWith('hook') && scenario.behaviours[name]?.hangs !== true;
}

function callees({ steps = [], dag }: Template): readonly string[] {
  return [...steps.flat(), ...(dag?.tasks ?? [])].map(({ template = '' }) => template);
}

function isLeaf(name: string): boolean {
  return !name.startsWith('dag') && !name.startsWith('steps');
}

/** One lock most often, sometimes several at once, from the few of a level. */
function makeLocks({ random, keys }: LockShop, level: string): Synchronization {
  const count = random.pick([1, 1, 1, 2, 3]);
  const mutexes = new Set<string>();
  const semaphores = new Set<string>();
  for (let made = 0; made < count; made += 1) {
    const name = `${level}-${random.pick(['a', 'b'])}`;
    (random.chance(0.5) ? mutexes : semaphores).add(name);
  }
  for (const key of semaphores) keys.add(key);
  return {
    mutexes: Array.from(mutexes, (name) => ({ name })),
    semaphores: Array.from(semaphores, (key) => ({ configMapKeyRef: { name: CONFIG_MAP, key } })),
  };
}

function makeLimits(random: Random, keys: readonly string[]): LockLimits {
  const limits = Object.fromEntries(keys.map((key) => [key, random.between(1, 3)]));
  const count = keys.length > 0 && random.chance(0.4) ? random.between(1, 3) : 0;
  const changes = Array.from({ length: count }, () => ({
    atMs: Math.floor(CHANGE_SPAN_MS * random.next() ** 2),
    key: random.pick(keys),
    limit: random.between(1, 3),
  }));
  return { limits, changes };
}

const OCCASIONS_MAX = 120;

function makeLockFaults(random: Random): readonly Fault[] {
  const count = random.pick([0, 1, 1, 2, 3, 5]);
  return Array.from({ length: count }, () => makeLockFault(random));
}

function makeLockFault(random: Random): Fault {
  const occasion = Math.floor(OCCASIONS_MAX * random.next() ** 2) >> random.below(4);
  const shortMs = random.between(1, 3_000);
  const longMs = random.pick([shortMs, 8_000, 30_000, 700_000]);
  const pauseMs = random.pick([0, shortMs, 30_000]);
  return random.pick<Fault>([
    { occasion, kind: 'KeeperCrash', downMs: longMs },
    { occasion, kind: 'KeeperCrash', downMs: shortMs },
    { occasion, kind: 'KeeperLosesLease', noticeMs: shortMs, pauseMs },
    { occasion, kind: 'KeeperLosesLease', noticeMs: 10_000, pauseMs: 0 },
    { occasion, kind: 'FailLockAppend' },
    { occasion, kind: 'LoseLockAppendAnswer' },
    { occasion, kind: 'LoseLockReport' },
    { occasion, kind: 'LoseLockAck' },
    { occasion, kind: 'DelayLockCommand', byMs: longMs },
    { occasion, kind: 'DuplicateLockCommand', byMs: longMs },
    { occasion, kind: 'LoseLockCommand' },
  ]);
}
