import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryBeside, writeAtomically } from '../../../plugins/nx-study/src/base/whole-file.ts';
import { writeDurably } from '../../../plugins/nx-study/src/record/durable.ts';

it('a name beside a file is never given twice, as machines that share a folder may have processes of one id', () => {
  const names = Array.from({ length: 100 }, () => temporaryBeside('/shared/nodes.json'));
  expect(new Set(names).size).toBe(100);
  for (const name of names) expect(name.startsWith('/shared/nodes.json.')).toBe(true);
});

it.each([
  ['atomically', writeAtomically],
  ['durably', writeDurably],
])(
  'writers of one file at one time (%s): a reader sees the whole content of one of them, and nothing is left over',
  async (_name, write) => {
    const folder = await mkdtemp(join(tmpdir(), 'nx-study-whole-file-'));
    const file = join(folder, 'nodes.json');
    const contents = Array.from({ length: 20 }, (_item, index) => String(index).repeat(100_000));
    await Promise.all(contents.map((content) => write(file, content)));
    expect(contents).toContain(await readFile(file, 'utf8'));
    expect(await readdir(folder)).toEqual(['nodes.json']);
  },
);
