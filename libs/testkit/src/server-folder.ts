import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where `.ci/servers/*.sh` puts a server that is no package of the system, or undefined when it is not
 * there. `ARGOSY_SERVERS` names another place.
 */
export function serverFolder(name: string): string | undefined {
  const root = process.env['ARGOSY_SERVERS'] ?? join(homedir(), '.cache', 'argosy', 'servers');
  const folder = join(root, name);
  return existsSync(folder) ? folder : undefined;
}
