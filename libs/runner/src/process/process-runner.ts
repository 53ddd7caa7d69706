import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment } from '../environment.ts';
import { DEFAULT_IMAGES, type ImageMap } from '../images.ts';
import type { Runner } from '../types.ts';
import { detectIsolation, findTool, type Isolation } from './isolation.ts';
import { directLauncher, type Launcher } from './launcher.ts';
import { removeTaskDirectory } from './left-overs.ts';
import type { NamespaceSupport } from './namespace-root.ts';
import { createOutputPipes } from './output-pipes.ts';
import { createShellLauncher } from './shell-launcher.ts';
import { createSkeletonPool } from './skeleton.ts';
import type { Host } from './container-run.ts';
import { runPod } from './pod-run.ts';

export interface ProcessRunnerOptions {
  /** Directory of the executor; what outlives a task (claims) is kept below it. */
  readonly dataDirectory: string;
  /** Images whose command is known, added to the built-in ones. */
  readonly images?: ImageMap;
  /** Further variables of the executor's environment that tasks may see. */
  readonly passEnvironment?: readonly string[];
  /** `auto` (default) uses private mounts where the host allows them; `rewrite` never does. */
  readonly isolation?: 'auto' | 'rewrite';
}

/** A runner with what it found out about the host. */
export interface ProcessRunner extends Runner {
  readonly rootKind: 'Namespace' | 'Rewrite';
}

/** Runs container, script and containerSet templates as processes of this host. */
export async function createProcessRunner(options: ProcessRunnerOptions): Promise<ProcessRunner> {
  const isolation =
    options.isolation === 'rewrite' ? undefined : await detectIsolation(options.dataDirectory);
  const standInsDirectory = fileURLToPath(new URL('../stand-ins', import.meta.url));
  const pipesDirectory = join(options.dataDirectory, 'pipes');
  await removeTaskDirectory(pipesDirectory);
  const host: Host = {
    namespaces: await namespaceSupport(isolation, standInsDirectory, options.dataDirectory),
    pipes: createOutputPipes(pipesDirectory),
    launcher: launcherOf(options.dataDirectory),
    images: { ...DEFAULT_IMAGES, ...options.images },
    environment: inheritedEnvironment(process.env, options.passEnvironment),
    standInsDirectory,
    claimsDirectory: `${options.dataDirectory}/claims`,
  };
  return {
    name: 'process',
    rootKind: isolation === undefined ? 'Rewrite' : 'Namespace',
    supports: (template) =>
      template.container !== undefined ||
      template.script !== undefined ||
      template.containerSet !== undefined,
    run: (task, io) => runPod(host, task, io),
  };
}

/** The small shell where the host has what it needs; else processes are started from this one. */
function launcherOf(dataDirectory: string): Launcher {
  const [setsidProgram, envProgram] = ['setsid', 'env'].map(findTool);
  if (setsidProgram === undefined || envProgram === undefined) return directLauncher;
  const directory = join(dataDirectory, 'launches');
  return createShellLauncher({ directory, setsidProgram, envProgram });
}

async function namespaceSupport(
  isolation: Isolation | undefined,
  standInsDirectory: string,
  dataDirectory: string,
): Promise<NamespaceSupport | undefined> {
  if (isolation === undefined) return undefined;
  const directory = join(dataDirectory, 'roots');
  await removeTaskDirectory(directory);
  const skeletons = createSkeletonPool(directory, { isolation, standInsDirectory });
  return { isolation, skeletons };
}
