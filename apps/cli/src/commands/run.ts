import { ArgosyError } from '@argosy/base';
import { connect, findEndpoint } from '../client/connection.ts';
import { EXIT, type CommandContext, type GlobalOptions } from './context.ts';
import { readManifestTexts, splitByKind } from './files.ts';
import { followWorkflow } from './follow.ts';
import { applyTexts, submitText, type SubmitFlags } from './submit.ts';
import { startHere, type UpFlags } from './up.ts';

export interface RunFlags extends SubmitFlags, UpFlags {
  readonly logs?: boolean;
}

/**
 * `argosy run FILE…`: starts Argosy if none runs, applies what is no Workflow, submits the rest and shows it live.
 * The exit code is the outcome: 0 when every run succeeded, 1 when one did not, 130 when interrupted.
 */
export async function runCommand(
  context: CommandContext,
  files: readonly string[],
  options: GlobalOptions & RunFlags,
): Promise<number> {
  const texts = await readManifestTexts(context, files);
  const { workflows, others } = splitByKind(texts);
  if (workflows.length === 0) {
    throw new ArgosyError(
      'INVALID_ARGUMENT',
      'there is no Workflow in what was given: nothing to run',
    );
  }
  const known = findEndpoint(options, context.env);
  // One's own instance says little: the tree is what the user wants to see.
  const quiet = { ...options, port: '0', grpcPort: '0', logLevel: options.logLevel ?? 'warn' };
  const runtime = known === undefined ? await startHere(context, quiet) : undefined;
  const connection = connect(
    known ?? { rpcAddress: runtime?.instance.rpcAddress ?? '', token: runtime?.token ?? '' },
  );
  try {
    await applyTexts(connection, others, options);
    let exitCode: number = EXIT.ok;
    for (const text of workflows) {
      const answer = await submitText(connection, text, options);
      for (const warning of answer.warnings) context.stderr.write(`warning: ${warning.text}\n`);
      const { name = '', namespace = '' } = answer.summary ?? {};
      const logs = options.logs !== false;
      const outcome = await followWorkflow(context, connection, { name, namespace, logs }).catch(
        async (thrown: unknown) => {
          if (!context.signal.aborted) throw thrown;
          await connection.workflows.terminateWorkflow({ namespace, name });
          context.stderr.write(`workflow ${name} terminated\n`);
          return EXIT.interrupted;
        },
      );
      exitCode = Math.max(exitCode, outcome);
    }
    return exitCode;
  } finally {
    connection.close();
    await runtime?.stop();
  }
}
