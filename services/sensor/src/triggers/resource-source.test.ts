// Covers where the object of a k8s trigger comes from: inline text, ConfigMap, file, and which source counts when there are
// several; and what is wrong with settings. Leaves out url, git and s3 (resource-source.integration.test.ts).
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@argosy/testkit';
import { describe, expect, it } from 'vitest';
import { memoryObjects } from '../testing/memory-objects.ts';
import { environmentWith, runTrigger } from '../testing/trigger-call.ts';
import { kubernetesTrigger } from './kubernetes.ts';
import { sourceProblems } from './resource-source.ts';
import type { TriggerEnvironment, TriggerOutcome } from './trigger.ts';

const object = (name: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {n: '1'}\n`;
const resource = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'resource' } };

/** The names of the objects that the trigger made, and what came of it. */
async function make(
  source: object,
  changes: Partial<TriggerEnvironment> = {},
): Promise<{ readonly names: string[]; readonly outcome: TriggerOutcome }> {
  const objects = memoryObjects();
  const environment = { ...environmentWith(), objects, ...changes };
  const outcome = await runTrigger(kubernetesTrigger, { source }, { environment });
  const names = Array.from(objects.all.values(), ({ metadata }) => String(metadata.name));
  return { names, outcome };
}

const values = (text: string | undefined): TriggerEnvironment['values'] => ({
  ...environmentWith().values,
  configMap: (namespace, name, key) =>
    `${namespace}/${name}/${key}` === 'default/objects/order' ? text : undefined,
});

describe('the source of a trigger’s object', () => {
  it('may be YAML text, of which the first object counts', async () => {
    const inline = `${object('first')}---\n${object('second')}`;
    expect(await make({ inline })).toEqual({ names: ['first'], outcome: { kind: 'Done' } });
  });
  it('may be a key of a ConfigMap', async () => {
    const configmap = { name: 'objects', key: 'order' };
    const found = await make({ configmap }, { values: values(object('kept')) });
    expect(found.names).toEqual(['kept']);
    const missing = await make({ configmap }, { values: values(undefined) });
    expect(missing.outcome).toEqual({
      kind: 'Refused',
      reason: 'source.configmap: the ConfigMap objects has no key order',
    });
  });
  it('is taken from the first that is given: inline, file, url, git, configmap, resource', async () => {
    const configmap = { name: 'objects', key: 'order' };
    const kept = { values: values(object('kept')) };
    expect((await make({ resource, configmap }, kept)).names).toEqual(['kept']);
    const git = { url: 'file:///nowhere', filePath: 'a' };
    const before = await make({ resource, configmap, git }, kept);
    expect(before.outcome).toMatchObject({ kind: 'Failed' });
    expect((await make({ git, inline: object('text') }, kept)).names).toEqual(['text']);
    const s3 = {
      endpoint: 'localhost:1',
      bucket: { name: 'b', key: 'k' },
      accessKey: {},
      secretKey: {},
    };
    const first = await make({ s3, inline: object('text') });
    expect(first.outcome).toMatchObject({ reason: expect.stringContaining('source.s3') });
  });
  it('says what is no object', async () => {
    const { outcome } = await make({ inline: 'a: [' });
    expect(outcome).toMatchObject({
      kind: 'Refused',
      reason: expect.stringContaining('source.inline'),
    });
  });
});

describe('a file', () => {
  it('is read below the directory that is given free, and nowhere else, also by no link', async () => {
    await using directory = await temporaryDirectory();
    const filesDirectory = join(directory.path, 'free');
    await mkdir(filesDirectory);
    await writeFile(join(filesDirectory, 'order.yaml'), object('order'));
    await writeFile(join(directory.path, 'secret.yaml'), object('secret'));
    await symlink('../secret.yaml', join(filesDirectory, 'link.yaml'));
    const read = (path: string): ReturnType<typeof make> =>
      make({ file: { path } }, { filesDirectory });
    expect((await read('order.yaml')).names).toEqual(['order']);
    expect((await read(join(filesDirectory, 'order.yaml'))).names).toEqual(['order']);
    for (const path of ['../secret.yaml', 'link.yaml', join(directory.path, 'secret.yaml')]) {
      const reason = `source.file: the file ${path} lies outside`;
      expect((await read(path)).outcome).toEqual({ kind: 'Refused', reason });
    }
    // It may come yet.
    const reason = 'source.file: there is no file none.yaml';
    expect((await read('none.yaml')).outcome).toEqual({ kind: 'Failed', reason });
  });
  it('is refused where no directory is given free', async () => {
    expect((await make({ file: { path: '/etc/hostname' } })).outcome).toEqual({
      kind: 'Refused',
      reason:
        'source.file: no directory is given free for files; set ARGOSY_SENSOR_FILES for the sensor',
    });
  });
});

describe('settings', () => {
  it.each([
    [{}, 'source: nothing is not supported here; use one of s3, inline, file, url, git'],
    [{ inline: 5 }, 'source.inline must be text'],
    [{ file: {} }, 'source.file.path is missing'],
    [{ url: { path: 'ftp://x' } }, 'source.url.path must be an http or https address'],
    [
      { url: { path: 'http://x', verifyCert: 'no' } },
      'source.url.verifyCert must be true or false',
    ],
    [{ git: { filePath: 'a' } }, 'source.git.url is missing'],
    [{ git: { url: 'x' } }, 'source.git.filePath is missing'],
    [{ git: { url: 'x', filePath: 'a/../../b' } }, 'source.git.filePath must not contain ..'],
    [{ configmap: {} }, 'source.configmap must name a ConfigMap and one of its keys'],
    [{ s3: { bucket: {} } }, 'source.s3.endpoint is missing; give a host'],
    [{ s3: { endpoint: 'http://x' } }, 'source.s3.endpoint must be a host'],
    [{ s3: { endpoint: 'x', bucket: { name: 'b' } } }, 'source.s3.bucket.key is missing'],
    [{ s3: { endpoint: 'x' } }, 'source.s3.accessKey must name a Secret and one of its keys'],
  ])('%j: %s', (source, message) => {
    expect(sourceProblems(source).join('; ')).toContain(message);
  });
});
