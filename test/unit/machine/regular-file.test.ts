import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { unreadableText } from '../../../plugins/nx-study/src/machine/texts.ts';
import {
  openRegular,
  openRegularSync,
  readBounded,
  readBoundedSync,
} from '../../../plugins/nx-study/src/machine/regular-file.ts';
import { temporaryFolder } from './helpers.ts';

const MOST = 10_000;

/** Why both ways of reading refuse a path; they must agree. */
async function refusalOf(path: string): Promise<{ code: string; text: string }> {
  const error = await readBounded(path, MOST).then(
    () => expect.unreachable('it was read'),
    (reason: unknown) => reason as NodeJS.ErrnoException,
  );
  expect(() => readBoundedSync(path, MOST)).toThrow(error.message);
  return { code: error.code!, text: unreadableText(error) };
}

describe('a file that a worker or another user may have made', () => {
  it('is read whole up to the limit, also an empty one', async () => {
    const folder = temporaryFolder();
    for (const length of [0, 1, 4096, MOST]) {
      const path = join(folder, String(length));
      const content = Buffer.alloc(length, 'ä');
      writeFileSync(path, content);
      expect((await readBounded(path, MOST)).equals(content)).toBe(true);
      expect(readBoundedSync(path, MOST).equals(content)).toBe(true);
    }
  });

  it('is refused beyond the limit, without being read', async () => {
    const path = join(temporaryFolder(), 'huge');
    writeFileSync(path, '');
    truncateSync(path, 2 ** 40);
    expect(await refusalOf(path)).toEqual({ code: 'EFBIG', text: 'has more than the 10000 bytes that are read' });
  });

  it('is no FIFO, and none is waited for', async () => {
    const path = join(temporaryFolder(), 'fifo');
    execFileSync('mkfifo', [path]);
    expect(await refusalOf(path)).toEqual({ code: 'EINVAL', text: 'is a FIFO' });
  });

  it('is no link, whatever that leads to', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), 'other');
    for (const [name, target] of [
      ['to-file', 'file'],
      ['to-endless', '/dev/zero'],
      ['to-itself', 'to-itself'],
      ['to-nothing', 'nothing'],
    ] as const) {
      symlinkSync(target, join(folder, name));
      expect(await refusalOf(join(folder, name))).toEqual({ code: 'ELOOP', text: 'is a link' });
    }
  });

  it('is no folder, no socket and no device', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'folder'));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(folder, 'socket'), resolve));
    onTestFinished(() => void server.close());
    expect(await refusalOf(join(folder, 'folder'))).toEqual({ code: 'EISDIR', text: 'is a folder' });
    expect(await refusalOf(join(folder, 'socket'))).toEqual({ code: 'EINVAL', text: 'is a socket' });
    expect(await refusalOf('/dev/zero')).toEqual({ code: 'EINVAL', text: 'is a device' });
  });

  it('may be gone', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    expect(await refusalOf(join(folder, 'nothing'))).toEqual({ code: 'ENOENT', text: 'is gone' });
    expect(await refusalOf(join(folder, 'file', 'nothing'))).toEqual({ code: 'ENOTDIR', text: 'is gone' });
  });

  it.runIf(existsSync('/proc/kallsyms'))('may hide its size, and is then read up to the limit', async () => {
    expect((await refusalOf('/proc/kallsyms')).code).toBe('EFBIG');
    expect((await readBounded('/proc/self/stat')).length).toBeGreaterThan(0);
  });
});

test('a file is made where there is none, but nothing is written through what lies there', async () => {
  const folder = temporaryFolder();
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC;
  const made = join(folder, 'made');
  const fd = openRegularSync(made, flags, 0o600);
  writeSync(fd, 'content');
  closeSync(fd);
  expect(readFileSync(made, 'utf8')).toBe('content');

  symlinkSync(made, join(folder, 'link'));
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  for (const name of ['link', 'fifo']) {
    expect(() => openRegularSync(join(folder, name), flags)).toThrow(/is a (link|FIFO): it is left alone/);
    await expect(openRegular(join(folder, name), flags)).rejects.toThrow(/is a (link|FIFO): it is left alone/);
  }
  expect(readFileSync(made, 'utf8')).toBe('content');
});
