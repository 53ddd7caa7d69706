import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArgosyError } from '@argosy/base';
import type { GitArtifact, SecretKeySelector } from '@argosy/model';
import { textOf } from './call-settings.ts';
import type { SourceScope } from './resource-source.ts';
import { SOURCE_TIMEOUT_MS } from './resource-source-bytes.ts';
import { readFileBelow } from './resource-source-file.ts';
import { isRecord } from './trigger.ts';

type Settings = Readonly<Record<string, unknown>>;

/** Where a named ref is put in the clone. */
const WANTED_REF = 'refs/argosy/wanted';
/** As Argo Events has it: no way out of the repository. */
const NOT_IN_PATHS = ['..', '~', '\\'];

export function gitSourceProblems(value: unknown): readonly string[] {
  const settings = isRecord(value) ? value : {};
  const problems: string[] = [];
  if (addressOf(settings) === undefined) {
    problems.push('source.git.url is missing; give the address of the repository');
  }
  const filePath = textOf(settings['filePath']);
  if (filePath === undefined) {
    problems.push('source.git.filePath is missing; name the file in the repository');
  }
  const bad = NOT_IN_PATHS.find((part) => filePath?.includes(part));
  if (bad !== undefined) problems.push(`source.git.filePath must not contain ${bad}`);
  return problems;
}

/** The address; a `remote` beside it is what would be fetched over it. */
function addressOf(settings: Settings): string | undefined {
  const { remote } = settings;
  const urls = isRecord(remote) ? remote['urls'] : undefined;
  return textOf(Array.isArray(urls) ? urls[0] : undefined) ?? textOf(settings['url']);
}

/**
 * A file of a repository, cloned anew each time to a directory of its own: `ref` counts before `tag`, that before
 * `branch`; without any the repository's own default branch is taken.
 */
export async function readGitSource(
  value: unknown,
  { call, environment }: SourceScope,
): Promise<string> {
  const settings = isRecord(value) ? value : {};
  const { cloneGit } = await import('@argosy/runner');
  const directory = await mkdtemp(join(tmpdir(), 'argosy-source-'));
  const { namespace } = call;
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(SOURCE_TIMEOUT_MS)]);
  const git = gitArtifact(settings);
  try {
    const clone = join(directory, 'clone');
    await cloneGit(git, clone, {
      scope: { namespace, signal },
      resources: {
        configMap: () => Promise.resolve(undefined),
        secret: (_, name) => Promise.resolve(keysOf(git, name, { namespace, environment })),
      },
    });
    const filePath = String(settings['filePath']);
    return await readFileBelow(clone, join(clone, filePath), filePath);
  } catch (error) {
    throw mayTryAgain(ArgosyError.fromUnknown(error));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** What git says is not told apart: another attempt may find the server, the branch or the file. */
function mayTryAgain(error: ArgosyError): ArgosyError {
  const isFinal = ['PERMISSION_DENIED', 'RESOURCE_EXHAUSTED'].includes(error.code);
  const retry = isFinal ? 'never' : 'backoff';
  return new ArgosyError(error.code, error.message, { cause: error, retry });
}

function gitArtifact(settings: Settings): GitArtifact {
  const { sshKeySecret, insecureIgnoreHostKey } = settings;
  const creds = isRecord(settings['creds']) ? settings['creds'] : {};
  const secrets = {
    usernameSecret: selectorOf(creds['username']),
    passwordSecret: selectorOf(creds['password']),
    sshPrivateKeySecret: selectorOf(sshKeySecret),
  };
  const given = Object.entries(secrets).filter(([, selector]) => selector !== undefined);
  return {
    repo: addressOf(settings) ?? '',
    ...revisionOf(settings),
    ...Object.fromEntries(given),
    ...(insecureIgnoreHostKey === true ? { insecureIgnoreHostKey } : {}),
  };
}

function revisionOf(settings: Settings): Partial<GitArtifact> {
  const ref = textOf(settings['ref']);
  if (ref !== undefined) return { fetch: [`${ref}:${WANTED_REF}`], revision: WANTED_REF };
  const branch = textOf(settings['tag']) ?? textOf(settings['branch']);
  return { depth: 1, singleBranch: true, ...(branch === undefined ? {} : { branch }) };
}

function selectorOf(value: unknown): SecretKeySelector | undefined {
  if (!isRecord(value)) return undefined;
  return { name: String(value['name']), key: String(value['key']) };
}

/** The keys of a Secret that the repository needs. */
function keysOf(
  git: GitArtifact,
  name: string,
  { namespace, environment }: { readonly namespace: string } & Pick<SourceScope, 'environment'>,
): Readonly<Record<string, Uint8Array>> {
  const selectors = [git.usernameSecret, git.passwordSecret, git.sshPrivateKeySecret];
  const found: Record<string, Uint8Array> = {};
  for (const selector of selectors) {
    if (selector === undefined || selector.name !== name) continue;
    const text = environment.values.secret(namespace, name, selector.key);
    if (text !== undefined) found[selector.key] = new TextEncoder().encode(text);
  }
  return found;
}
