import { skipped, type CaseOutcome, type ConformanceAdapter } from '../adapter.ts';
import type { WorkflowCase } from './case.ts';
import { runCronSimulation } from './cron-simulate.ts';
import { runCronCase } from './cron.ts';
import { startLiveLine, type LiveLine } from './live.ts';
import { runSimulateCase, type SimulateCase } from './simulate.ts';
import { startStandInNetwork, type StandInNetwork } from './stand-in-network.ts';
import { checkValidity, isValidityCase, type ValidityCase } from './validity.ts';

/**
 * What this line runs on: the machine's own programs, a stand-in for the hosts of the Internet, and the bus as
 * the store of artifacts.
 */
const AT_HAND = new Set([
  // Only for locks, which need none here.
  'database',
  ...['none', 'process', 'python', 'node', 'http', 'git'],
  ...['network', 'object-store'],
]);

let line: Promise<LiveLine> | undefined;
let network: StandInNetwork | undefined;

/** Cases of Argo Workflows: validity, the pure engine, and runs through all services with the process runner. */
export const adapter: ConformanceAdapter = {
  concurrency: 4,
  caseTimeoutMs: 320_000,
  featureOf(conformanceCase) {
    const given = conformanceCase as WorkflowCase;
    if (given.simulate !== undefined) return 'simulate';
    if (isValidityCase(conformanceCase as ValidityCase)) return 'validity';
    return (given.needs ?? ['process']).join('+');
  },
  async run(conformanceCase, context): Promise<CaseOutcome> {
    const given = conformanceCase as WorkflowCase;
    const isCron = given.expect.cron !== undefined;
    if (given.simulate !== undefined) {
      if (isCron) return runCronSimulation(given, context);
      return runSimulateCase(conformanceCase as SimulateCase, context);
    }
    if (isCron) return runCronCase(given, context);
    const validity = conformanceCase as ValidityCase;
    if (isValidityCase(validity) || given.expect.valid === false) {
      return checkValidity(validity, context);
    }
    const missing = (given.needs ?? []).filter((need) => !AT_HAND.has(need));
    if (missing.length > 0) return skipped(`needs ${missing.join(', ')}`);
    line ??= startLine();
    return (await line).run(given, context);
  },
  async stop() {
    await (await line)?.stop();
    network?.stop();
  },
};

async function startLine(): Promise<LiveLine> {
  network = await startStandInNetwork();
  return startLiveLine(new AbortController().signal);
}
