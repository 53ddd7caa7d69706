import type { WorkflowSummary } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { Connection } from '../client/connection.ts';
import { EXIT, withConnection, type CommandContext, type GlobalOptions } from './context.ts';

/** How runs that ended well are told. */
const GOOD = 'Succeeded';

/** `argosy wait NAME…`: until all have ended; the exit code is 0 only when all have succeeded. */
export async function waitCommand(
  context: CommandContext,
  names: readonly string[],
  options: GlobalOptions & { readonly ignoreNotFound?: boolean },
): Promise<number> {
  return withConnection(context, options, async (connection) => {
    const phases = await Promise.all(
      names.map((name) => waitFor(context, connection, { ...options, name })),
    );
    return phases.every((phase) => phase === GOOD) ? EXIT.ok : EXIT.failed;
  });
}

/** The phase at the end; a run that is not there counts as good when that is to be ignored. */
async function waitFor(
  context: CommandContext,
  { workflows }: Connection,
  options: GlobalOptions & { readonly name: string; readonly ignoreNotFound?: boolean },
): Promise<string> {
  const { name, namespace = '', ignoreNotFound = false } = options;
  try {
    const updates = workflows.watchWorkflow({ namespace, name }, { signal: context.signal });
    let last: WorkflowSummary | undefined;
    for await (const { workflow } of updates) last = workflow?.summary ?? last;
    context.signal.throwIfAborted();
    const phase = endOf(last, name);
    const painted = context.style.phase(phase, phase);
    context.stdout.write(`${name} ${painted}\n`);
    return phase;
  } catch (thrown) {
    const isMissing = ArgosyError.fromUnknown(thrown).code === 'NOT_FOUND';
    if (isMissing && ignoreNotFound) return GOOD;
    throw thrown;
  }
}

/** @throws ArgosyError UNAVAILABLE when the updates ended before the run did. */
function endOf(last: WorkflowSummary | undefined, name: string): string {
  if (last?.finishedAt !== undefined) return last.phase;
  const message = `the server ended the connection before ${name} ended: wait again`;
  throw new ArgosyError('UNAVAILABLE', message);
}
