import { spawn } from 'node:child_process';

/**
 * Waits for the end of its input, which comes when our process ends in whatever way, and then ends
 * the server, if that number is still a server on the same configuration.
 */
const SCRIPT = `
read -r _
if [ -r "/proc/$1/cmdline" ]; then command=$(tr '\\0' ' ' < "/proc/$1/cmdline")
else command=$(ps -o command= -p "$1"); fi
case "$command" in *"$2"*) kill -TERM "$1" ;; esac
`;

/**
 * Keeps a server from outliving this process when that is killed (-9) and cannot end it itself.
 * Does nothing where there is no `sh`; then the next start on the data directory ends the orphan.
 * @returns calls it off.
 */
export function watch(serverPid: number, configPath: string): () => void {
  const child = spawn('sh', ['-c', SCRIPT, 'sh', String(serverPid), configPath], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.once('error', () => undefined);
  child.stdin.once('error', () => undefined);
  // Neither the child nor the pipe to it keeps our process alive.
  child.unref();
  (child.stdin as { unref?: () => void }).unref?.();
  return () => {
    child.kill('SIGKILL');
  };
}
