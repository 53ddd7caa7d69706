// Covers reading one file out of a tar archive. Leaves out names longer than 100 bytes, which
// release archives have not.
import { describe, expect, it } from 'vitest';
import { fileFromTar } from './tar.ts';
import { tarOf } from './testing/tar.ts';

describe('fileFromTar', () => {
  const archive = tarOf({
    'nats-server-v2/': '',
    'nats-server-v2/README.md': 'x'.repeat(700),
    'nats-server-v2/nats-server': 'the program',
    'nats-server-v2/LICENSE': 'the licence',
  });

  it('finds a file by its base name, whatever its directory', () => {
    expect(fileFromTar(archive, 'nats-server')?.toString()).toBe('the program');
  });
  it('finds nothing when the file is not there', () => {
    expect(fileFromTar(archive, 'nats')).toBeUndefined();
  });
  it('does not take a directory for a file', () => {
    expect(fileFromTar(tarOf({ 'nats-server/': '' }), 'nats-server')).toBeUndefined();
  });
  it('finds nothing in an archive that is cut off within the file', () => {
    expect(fileFromTar(archive.subarray(0, 2_560), 'nats-server')).toBeUndefined();
  });
  it('finds nothing in what is no archive', () => {
    expect(fileFromTar(Buffer.from('<html>'.repeat(500)), 'nats-server')).toBeUndefined();
  });
});
