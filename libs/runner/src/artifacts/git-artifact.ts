import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GitArtifact } from '@argosy/model';
import { runProgram, type ProgramOptions } from './program.ts';
import { secretText, type SecretAccess } from './secret-text.ts';

/** Clones a repository to the destination with the host's git; credentials never appear in arguments. */
export async function cloneGit(
  git: GitArtifact,
  destination: string,
  access: SecretAccess,
): Promise<void> {
  const keyDirectory = await mkdtemp(join(tmpdir(), 'argosy-git-'));
  try {
    const environment = {
      GIT_TERMINAL_PROMPT: '0',
      ...(await basicAuthentication(git, access)),
      ...(await sshCommand(git, keyDirectory, access)),
    };
    const options: ProgramOptions = { environment, signal: access.scope.signal };
    await runProgram('git', cloneArgs(git, destination), options);
    const run = (...args: readonly string[]): Promise<void> =>
      runProgram('git', ['-C', destination, ...args], options);
    for (const reference of git.fetch ?? []) await run('fetch', 'origin', reference);
    if (git.revision !== undefined && git.revision !== '') {
      if (git.depth !== undefined) await run('fetch', '--depth', '1', 'origin', git.revision);
      await run('checkout', '--quiet', git.revision);
    }
    if (git.disableSubmodules !== true) {
      await run('submodule', 'update', '--init', '--recursive', '--force', '--quiet');
    }
  } finally {
    await rm(keyDirectory, { recursive: true, force: true });
  }
}

function cloneArgs(git: GitArtifact, destination: string): readonly string[] {
  return [
    ...(git.insecureSkipTLS === true ? ['-c', 'http.sslVerify=false'] : []),
    'clone',
    '--quiet',
    ...(git.depth === undefined ? [] : ['--depth', String(git.depth)]),
    ...(git.branch === undefined ? [] : ['--branch', git.branch]),
    ...(git.singleBranch === true ? ['--single-branch'] : []),
    '--',
    git.repo,
    destination,
  ];
}

async function basicAuthentication(
  git: GitArtifact,
  access: SecretAccess,
): Promise<Readonly<Record<string, string>>> {
  const user = await secretText(git.usernameSecret, access);
  const password = await secretText(git.passwordSecret, access);
  if (user === undefined && password === undefined) return {};
  const pair = Buffer.from(`${user ?? ''}:${password ?? ''}`).toString('base64');
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${pair}`,
  };
}

async function sshCommand(
  git: GitArtifact,
  keyDirectory: string,
  access: SecretAccess,
): Promise<Readonly<Record<string, string>>> {
  const key = await secretText(git.sshPrivateKeySecret, access);
  const hostCheck = git.insecureIgnoreHostKey === true ? ['-o StrictHostKeyChecking=no'] : [];
  if (key === undefined) return {};
  const file = join(keyDirectory, 'key');
  await writeFile(file, key.endsWith('\n') ? key : `${key}\n`, { mode: 0o600 });
  return { GIT_SSH_COMMAND: ['ssh', '-i', file, '-o IdentitiesOnly=yes', ...hostCheck].join(' ') };
}
