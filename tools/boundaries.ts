// Proves that the module boundaries bite: plants one import that breaks each kind of rule, runs the linter on
// it with an empty cache, and fails when the linter does not. (Without a project graph the Nx rule passes silently.)
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

interface Plant {
  readonly file: string;
  readonly code: string;
  readonly rule: string;
}

const plants: readonly Plant[] = [
  {
    file: 'services/sensor/src/planted-service.ts',
    code: "import { startScheduler } from '@argosy/scheduler';\nexport const planted = startScheduler;\n",
    rule: '@nx/enforce-module-boundaries',
  },
  {
    file: 'libs/core-workflow/src/planted-adapter.ts',
    code: "import { connectBus } from '@argosy/bus';\nexport const planted = connectBus;\n",
    rule: '@nx/enforce-module-boundaries',
  },
  {
    file: 'services/gateway/src/planted-nats.ts',
    code: "import { connect } from '@nats-io/transport-node';\nexport const planted = connect;\n",
    rule: 'no-restricted-imports',
  },
  {
    file: 'libs/core-events/src/planted-clock.ts',
    code: 'export const planted = Date.now();\n',
    rule: 'no-restricted-properties',
  },
];

/** The project graph is kept in a cache, which must know of the plants while they are there and only then. */
function forgetGraph(): void {
  rmSync(join(root, '.nx', 'workspace-data'), { recursive: true, force: true });
}

function lintPlants(): string {
  forgetGraph();
  const env = { ...process.env, NX_DAEMON: 'false' };
  execFileSync('npx', ['nx', 'graph', '--file=.nx/graph.json'], {
    cwd: root,
    env,
    stdio: 'ignore',
  });
  const files = plants.map((plant) => plant.file);
  const result = spawnSync('npx', ['eslint', '--format', 'json', ...files], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  return result.stdout;
}

for (const plant of plants) writeFileSync(join(root, plant.file), plant.code);
try {
  const results = JSON.parse(lintPlants()) as readonly {
    readonly filePath: string;
    readonly messages: readonly { readonly ruleId: string | null }[];
  }[];
  const missed = plants.filter(
    (plant) =>
      !results.some(
        (result) =>
          result.filePath.endsWith(plant.file) &&
          result.messages.some((message) => message.ruleId === plant.rule),
      ),
  );
  for (const plant of missed) process.stderr.write(`${plant.file}: ${plant.rule} did not bite\n`);
  if (missed.length > 0) process.exitCode = 1;
  else process.stdout.write(`boundaries: ${plants.length} planted violations, all found\n`);
} finally {
  for (const plant of plants) rmSync(join(root, plant.file), { force: true });
  forgetGraph();
}
