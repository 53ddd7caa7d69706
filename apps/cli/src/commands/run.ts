import { ArgosyError } from '@argosy/base';
import { connect, findEndpoint, type Connection } from '../client/connection.ts';
import { EXIT, sameReach, type CommandContext, type GlobalOptions } from './context.ts';
import { readManifestTexts, splitByKind, type ManifestText } from './files.ts';
import { followWorkflow } from './follow.ts';
import { applyTexts, printWarnings, submitText, type SubmitFlags } from './submit.ts';
import { startHere, type UpFlags } from './up.ts';

export interface RunFlags extends SubmitFlags, UpFlags {
  readonly logs?: boolean;
}

/**
 * `argosy run FILE…`: starts Argosy if none runs, applies what is no Workflow, submits the rest one after the
 * other and shows it live. The exit code is the outcome: 0 when every run succeeded, 1 when one did not, 130
 * when interrupted; what runs then is terminated.
 */
export async function runCommand(
  context: CommandContext,
  files: readonly string[],
  options: GlobalOptions & RunFlags,
): Promise<number> {
  const { workflows, others } = splitByKind(await readManifestTexts(context, files));
  if (workflows.length === 0) {
    throw new ArgosyError(
      'INVALID_ARGUMENT',
      `there is no Workflow in ${files.join(', ')}: nothing to run (\`argosy apply\` declares other kinds)`,
    );
  }
  const { connection, close } = await reachOrStart(context, options);
  try {
    await applyTexts(context, connection, { texts: others, options });
    let exitCode: number = EXIT.ok;
    for (const text of workflows) {
      exitCode = Math.max(exitCode, await runOne(context, connection, { text, options }));
      if (context.signal.aborted) break;
    }
    return exitCode;
  } finally {
    await close();
  }
}

/** The installation that is known, else one of our own for the time of this command. */
async function reachOrStart(
  context: CommandContext,
  options: GlobalOptions & RunFlags,
): Promise<{ readonly connection: Connection; readonly close: () => Promise<void> }> {
  const known = findEndpoint(options, context.env);
  if (known !== undefined) {
    const connection = connect(known);
    return { connection, close: () => Promise.resolve(connection.close()) };
  }
  const flags = { ...options, port: 0, grpcPort: 0 };
  const runtime = await startHere(context, flags, { quiet: true });
  const connection = connect({ rpcAddress: runtime.instance.rpcAddress, token: runtime.token });
  return {
    connection,
    async close() {
      connection.close();
      await runtime.stop();
    },
  };
}

async function runOne(
  context: CommandContext,
  connection: Connection,
  run: { readonly text: ManifestText; readonly options: GlobalOptions & RunFlags },
): Promise<number> {
  const { text, options } = run;
  const answer = await submitText(connection, text, options);
  printWarnings(context, answer.warnings);
  const { name = '', namespace = '' } = answer.summary ?? {};
  const logs = options.logs !== false;
  const reach = sameReach(options, context.env);
  try {
    return await followWorkflow(context, connection, { name, namespace, logs, reach });
  } catch (thrown) {
    if (!context.signal.aborted) throw thrown;
    await connection.workflows.terminateWorkflow({ namespace, name });
    context.notices.print(`workflow ${name} terminated`);
    return EXIT.interrupted;
  }
}
