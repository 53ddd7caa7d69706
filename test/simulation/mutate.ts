import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Engine } from './engine.ts';
import type { Mutant } from './mutants.ts';
import type { Scenario } from './scenario.ts';
import type { judge } from './verdict.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const CORE = 'libs/core-workflow';
const SIMULATION = 'test/simulation';

/** A copy of the core and of the simulation with one mistake in it. */
export interface MutatedSimulation extends Disposable {
  judge(scenario: Scenario): ReturnType<typeof judge>;
}

/**
 * Copies the sources, makes the one mistake and loads the copy.
 * @throws Error when the text to be replaced does not stand in its file exactly once.
 */
export async function loadMutant(mutant: Mutant): Promise<MutatedSimulation> {
  const directory = mkdtempSync(join(tmpdir(), 'argosy-mutant-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  for (const folder of [CORE, SIMULATION]) {
    cpSync(join(ROOT, folder), join(directory, folder), {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }\n');
  makeMistake(join(directory, mutant.file), mutant);
  const load = <T>(file: string): Promise<T> => {
    return import(pathToFileURL(join(directory, file)).href) as Promise<T>;
  };
  const engine = await load<Engine>(`${CORE}/src/index.ts`);
  const simulation = await load<{ judge: typeof judge }>(`${SIMULATION}/verdict.ts`);
  return {
    judge: (scenario) => simulation.judge(scenario, engine),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function makeMistake(file: string, { name, find, replace }: Mutant): void {
  const source = readFileSync(file, 'utf8');
  const count = source.split(find).length - 1;
  if (count !== 1) {
    const shown = JSON.stringify(find);
    throw new Error(`mutant "${name}": ${shown} stands ${count} times in its file, not once`);
  }
  writeFileSync(
    file,
    source.replace(find, () => replace),
  );
}
