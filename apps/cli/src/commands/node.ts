import { ArgosyError } from '@argosy/base';
import {
  EXIT,
  parseAssignments,
  withConnection,
  type CommandContext,
  type GlobalOptions,
} from './context.ts';

export interface NodeSetFlags {
  readonly nodeFieldSelector?: string;
  readonly outputParameter?: readonly string[];
  readonly phase?: string;
  readonly message?: string;
}

/** `argosy node set NAME`: decides about nodes that wait for somebody. */
export async function nodeSetCommand(
  context: CommandContext,
  name: string,
  options: GlobalOptions & NodeSetFlags,
): Promise<number> {
  const { nodeFieldSelector = '', phase = '', message = '' } = options;
  const outputs = parseAssignments(options.outputParameter, '--output-parameter');
  if (nodeFieldSelector === '') {
    const example = 'for example --node-field-selector displayName=approve';
    throw new ArgosyError('INVALID_ARGUMENT', `say which nodes are meant, ${example}`);
  }
  if (phase === '' && message === '' && Object.keys(outputs).length === 0) {
    const message = 'nothing to set: give --output-parameter, --phase or --message';
    throw new ArgosyError('INVALID_ARGUMENT', message);
  }
  return withConnection(context, options, async ({ workflows }) => {
    const namespace = options.namespace ?? '';
    const target = { namespace, name, nodeFieldSelector };
    await workflows.setWorkflow({ ...target, phase, message, outputs });
    context.stdout.write(`workflow ${name} values set\n`);
    return EXIT.ok;
  });
}
