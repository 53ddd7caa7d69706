import { connect, findEndpoint } from '../client/connection.ts';
import { clientVersion } from '../version.ts';
import { EXIT, type CommandContext, type GlobalOptions } from './context.ts';

/** `argosy version` */
export async function versionCommand(
  context: CommandContext,
  options: GlobalOptions,
): Promise<number> {
  context.stdout.write(`client ${clientVersion()}\n`);
  const endpoint = findEndpoint(options, context.env);
  if (endpoint === undefined) return EXIT.ok;
  const connection = connect(endpoint);
  try {
    const { version, httpAddress } = await connection.info.getInfo({});
    context.stdout.write(`server ${version} at ${httpAddress}\n`);
  } finally {
    connection.close();
  }
  return EXIT.ok;
}
